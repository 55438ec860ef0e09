# How every file of the project is compiled and linked: one interface target, thawline_options.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 11)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

if(WIN32)
    set(tl_deps_target ${TL_TRIPLE})
else()
    set(tl_deps_target native)
endif()
# Where tools/setup leaves libexpat and cmocka; set it elsewhere to bring your own.
set(TL_DEPS ${CMAKE_SOURCE_DIR}/build/deps/${tl_deps_target} CACHE PATH
    "Folder with include/ and lib/ of libexpat and cmocka")

add_library(thawline_options INTERFACE)
target_compile_options(thawline_options INTERFACE
    $<$<COMPILE_LANGUAGE:C>:-Wall;-Wextra;-Wundef;-Werror;-Wshadow;-Wstrict-prototypes;-Wmissing-prototypes>
    $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wundef;-Werror;-Wshadow>
    $<$<COMPILE_LANGUAGE:C,CXX>:-ffunction-sections;-fdata-sections>)
target_compile_definitions(thawline_options INTERFACE $<$<CONFIG:Debug>:TL_DEBUG=1>)

if(WIN32)
    target_compile_definitions(thawline_options INTERFACE
        UNICODE _UNICODE __USE_MINGW_ANSI_STDIO=1 $<$<COMPILE_LANGUAGE:C>:CINTERFACE>
        $<$<COMPILE_LANGUAGE:C>:COBJMACROS> CONST_VTABLE
        _WIN32_WINNT=0x0602 NTDDI_VERSION=0x06020000)
    # libgcc inside, or the program looks for a DLL that only a compiler's folder has.
    target_link_options(thawline_options INTERFACE
        -static-libgcc $<$<LINK_LANGUAGE:CXX>:-static-libstdc++> -Wl,--gc-sections -Wl,--dynamicbase -Wl,--nxcompat)
    if(CMAKE_SIZEOF_VOID_P EQUAL 8)
        target_link_options(thawline_options INTERFACE -Wl,--high-entropy-va)
    endif()
else()
    # 16-bit wchar_t as on Windows; every finding of a sanitizer ends the test; the fuzzers see which
    # way the code took.
    set(tl_native_options -fshort-wchar -fno-omit-frame-pointer
        -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all)
    target_compile_options(thawline_options INTERFACE ${tl_native_options})
    target_link_options(thawline_options INTERFACE ${tl_native_options})
endif()

add_library(thawline_expat INTERFACE)
target_include_directories(thawline_expat SYSTEM INTERFACE ${TL_DEPS}/include)
target_compile_definitions(thawline_expat INTERFACE XML_STATIC)
target_link_libraries(thawline_expat INTERFACE ${TL_DEPS}/lib/libexpat.a)

add_library(thawline_cmocka INTERFACE)
target_include_directories(thawline_cmocka SYSTEM INTERFACE ${TL_DEPS}/include)
target_link_libraries(thawline_cmocka INTERFACE ${TL_DEPS}/lib/libcmocka-static.a)
# cmocka.h expects these four to have been included, in this order.
target_compile_options(thawline_cmocka INTERFACE
    "SHELL:-include stdarg.h" "SHELL:-include stddef.h" "SHELL:-include stdint.h" "SHELL:-include setjmp.h")
