# Toolchain: mingw-w64 GCC for the target named by TL_TRIPLE. Debian's compilers come in two thread
# models; the win32 one needs no libwinpthread and is taken where there is a choice.
set(CMAKE_SYSTEM_NAME Windows)

foreach(tl_lang C CXX)
    set(tl_name gcc)
    if(tl_lang STREQUAL "CXX")
        set(tl_name g++)
    endif()
    find_program(TL_${tl_lang}_COMPILER NAMES ${TL_TRIPLE}-${tl_name}-win32 ${TL_TRIPLE}-${tl_name})
    if(TL_${tl_lang}_COMPILER)
        set(CMAKE_${tl_lang}_COMPILER ${TL_${tl_lang}_COMPILER})
    endif()
endforeach()
set(CMAKE_RC_COMPILER ${TL_TRIPLE}-windres)
set(TL_DLLTOOL ${TL_TRIPLE}-dlltool)
set(TL_OBJDUMP ${TL_TRIPLE}-objdump)

set(CMAKE_FIND_ROOT_PATH /usr/${TL_TRIPLE})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
