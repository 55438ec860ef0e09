# The targets: one static library a room, the DLL, the command-line program, the examples.

# Rooms whose code knows nothing of Windows and so builds natively as well, for the sanitizers.
set(TL_NATIVE_ROOMS base xml model document)

# Import libraries of the system, besides kernel32 and msvcrt. What a finished DLL may import from is
# checked by tests/structure/check_dll.py.
if(WIN32)
    set(TL_SYSTEM_LIBRARIES ole32 oleaut32 uuid advapi32 shell32 rpcrt4 user32 ntdll)
endif()

# The file of src/api that is in the DLL alone: a program has no DllMain.
set(TL_DLL_MAIN ${CMAKE_SOURCE_DIR}/src/api/dll_main.c)

# thawline_add_rooms(): library thawline_<room> for each room of rooms.txt that has sources, linked to
# the rooms that it knows, and thawline_core, all of them together and the exports with them.
function(thawline_add_rooms)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/rooms.txt)
    file(STRINGS ${CMAKE_SOURCE_DIR}/cmake/rooms.txt tl_lines REGEX "^[a-z]+:")
    add_library(thawline_core INTERFACE)
    add_custom_target(thawline_generated)
    set(tl_core_rooms)
    foreach(tl_line IN LISTS tl_lines)
        string(REGEX MATCHALL "[a-z]+" tl_words "${tl_line}")
        list(POP_FRONT tl_words tl_room)
        if(tl_room STREQUAL "cli" OR (NOT WIN32 AND NOT tl_room IN_LIST TL_NATIVE_ROOMS))
            continue()
        endif()
        file(GLOB tl_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${tl_room}/*.c)
        list(REMOVE_ITEM tl_sources ${TL_DLL_MAIN})
        list(TRANSFORM tl_words PREPEND thawline_)
        if(NOT WIN32)
            # A native room gets by without those that know Windows.
            set(tl_known ${tl_words})
            set(tl_words)
            foreach(tl_word IN LISTS tl_known)
                if(TARGET ${tl_word})
                    list(APPEND tl_words ${tl_word})
                endif()
            endforeach()
        endif()
        if(tl_sources)
            add_library(thawline_${tl_room} STATIC ${tl_sources})
            set(tl_scope PUBLIC)
            add_dependencies(thawline_${tl_room} thawline_generated)
        else()
            add_library(thawline_${tl_room} INTERFACE)
            set(tl_scope INTERFACE)
        endif()
        target_include_directories(thawline_${tl_room} ${tl_scope}
            ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/gen)
        target_link_libraries(thawline_${tl_room} ${tl_scope} thawline_options ${tl_words} ${TL_SYSTEM_LIBRARIES})
        if(tl_room STREQUAL "xml")
            target_link_libraries(thawline_xml ${tl_scope} thawline_expat)
        endif()
        list(APPEND tl_core_rooms thawline_${tl_room})
    endforeach()
    list(REVERSE tl_core_rooms)
    target_link_libraries(thawline_core INTERFACE ${tl_core_rooms})
endfunction()

# thawline_add_dll(): vssapi.dll and its import library, from src/api and what it uses.
function(thawline_add_dll)
    file(GLOB tl_main CONFIGURE_DEPENDS ${TL_DLL_MAIN})
    if(NOT tl_main)
        message(STATUS "no src/api/dll_main.c: vssapi.dll and what needs it are left out")
        return()
    endif()
    set(tl_def ${CMAKE_BINARY_DIR}/gen/vssapi.def)
    add_custom_command(OUTPUT ${tl_def}
        COMMAND ${CMAKE_C_COMPILER} -E -P -x c -o ${tl_def} ${CMAKE_SOURCE_DIR}/vssapi.def
        DEPENDS ${CMAKE_SOURCE_DIR}/vssapi.def VERBATIM)
    # The import library comes from dlltool: it keeps the @n that x86 callers ask for, while the DLL
    # exports the names without.
    set(tl_implib ${CMAKE_BINARY_DIR}/lib/libvssapi.dll.a)
    add_custom_command(OUTPUT ${tl_implib}
        COMMAND ${TL_DLLTOOL} -k -d ${tl_def} -l ${tl_implib}
        DEPENDS ${tl_def} VERBATIM)
    add_custom_target(thawline_implib DEPENDS ${tl_implib})

    add_library(vssapi MODULE ${tl_main} ${CMAKE_SOURCE_DIR}/src/api/vssapi.rc)
    set_target_properties(vssapi PROPERTIES PREFIX "" OUTPUT_NAME vssapi
        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin LINK_DEPENDS ${tl_def})
    # The .def pulls from the archives what it names.
    target_link_libraries(vssapi PRIVATE thawline_core)
    target_link_options(vssapi PRIVATE ${tl_def} -Wl,--kill-at)
    add_dependencies(vssapi thawline_generated thawline_implib)

    add_library(thawline_import INTERFACE)
    target_include_directories(thawline_import INTERFACE ${CMAKE_SOURCE_DIR}/include)
    target_link_libraries(thawline_import INTERFACE ${tl_implib})
    add_dependencies(thawline_import thawline_implib vssapi)
endfunction()

# thawline_link_program(TARGET LIBRARIES...): TARGET is a program linked to LIBRARIES; its start-up code
# is the one for wmain if it has a wmain.
function(thawline_link_program tl_target)
    target_link_libraries(${tl_target} PRIVATE thawline_options ${ARGN} ${TL_SYSTEM_LIBRARIES})
    get_target_property(tl_sources ${tl_target} SOURCES)
    foreach(tl_source IN LISTS tl_sources)
        file(STRINGS ${tl_source} tl_wmain REGEX "wmain\\(")
        if(tl_wmain)
            target_link_options(${tl_target} PRIVATE -municode)
            # No header declares it.
            if(tl_source MATCHES "\\.c$")
                set_source_files_properties(${tl_source} PROPERTIES COMPILE_OPTIONS -Wno-missing-prototypes)
            endif()
        endif()
    endforeach()
endfunction()

# thawline_add_cli(): thawline.exe, which sees nothing but include/ and the DLL. All but its main.c is a
# library, so that unit tests reach it.
function(thawline_add_cli)
    file(GLOB tl_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/cli/*.c)
    set(tl_main ${CMAKE_SOURCE_DIR}/src/cli/main.c)
    list(REMOVE_ITEM tl_sources ${tl_main})
    if(tl_sources AND TARGET vssapi)
        add_library(thawline_cli STATIC ${tl_sources})
        target_include_directories(thawline_cli PUBLIC ${CMAKE_SOURCE_DIR}/src)
        target_link_libraries(thawline_cli PUBLIC thawline_options thawline_import thawline_expat bcrypt ${TL_SYSTEM_LIBRARIES})
        if(EXISTS ${tl_main})
            add_executable(thawline ${tl_main})
            thawline_link_program(thawline thawline_cli)
        endif()
    endif()
endfunction()

# thawline_add_examples(): each examples/<name>.c or .cpp is a program. One that includes "thawline.h" needs
# our import library; any other is linked as the world links it, to the toolchain's own.
function(thawline_add_examples)
    file(GLOB tl_examples CONFIGURE_DEPENDS
        ${CMAKE_SOURCE_DIR}/examples/*.c ${CMAKE_SOURCE_DIR}/examples/*.cpp)
    foreach(tl_example IN LISTS tl_examples)
        get_filename_component(tl_name ${tl_example} NAME_WE)
        file(STRINGS ${tl_example} tl_ours REGEX "#include [\"<]thawline\\.h[\">]")
        if(tl_ours AND NOT TARGET vssapi)
            continue()
        endif()
        add_executable(example_${tl_name} ${tl_example})
        set_target_properties(example_${tl_name} PROPERTIES OUTPUT_NAME ${tl_name})
        if(tl_ours)
            thawline_link_program(example_${tl_name} thawline_import)
        else()
            target_include_directories(example_${tl_name} PRIVATE ${CMAKE_SOURCE_DIR}/include)
            thawline_link_program(example_${tl_name} -lvssapi)
        endif()
    endforeach()
    # Beside the programs, for tests.
    file(GLOB tl_scenarios CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/examples/faults/*.faults)
    foreach(tl_scenario IN LISTS tl_scenarios)
        get_filename_component(tl_name ${tl_scenario} NAME)
        configure_file(${tl_scenario} ${CMAKE_BINARY_DIR}/bin/faults/${tl_name} COPYONLY)
    endforeach()
endfunction()
