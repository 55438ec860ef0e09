# What `cmake --install` puts where (the layout of MSYS2's packages), and the release's zip, which is
# the same with one folder around it: `tools/build x64 package`.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# thawline_read(VARIABLE FILE): its text, or where to look for it if the file is not there.
function(thawline_read tl_variable tl_file)
    set(tl_text "Not among the files of this build: ${tl_file}\n")
    if(EXISTS ${tl_file})
        file(READ ${tl_file} tl_text)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${tl_file})
    endif()
    set(${tl_variable} "${tl_text}" PARENT_SCOPE)
endfunction()

function(thawline_add_install)
    set(tl_gen ${CMAKE_BINARY_DIR}/gen)
    set(tl_package ${CMAKE_INSTALL_LIBDIR}/cmake/Thawline)

    install(TARGETS vssapi LIBRARY DESTINATION ${CMAKE_INSTALL_BINDIR})
    install(TARGETS thawline RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    # Not as libvssapi.dll.a, which would take the place of the toolchain's own -lvssapi.
    install(FILES ${CMAKE_BINARY_DIR}/lib/libvssapi.dll.a
        DESTINATION ${CMAKE_INSTALL_LIBDIR} RENAME libthawline.dll.a)
    install(FILES ${CMAKE_SOURCE_DIR}/include/thawline.h ${CMAKE_SOURCE_DIR}/include/vsswriter.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

    configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/ThawlineConfig.cmake.in
        ${tl_gen}/ThawlineConfig.cmake INSTALL_DESTINATION ${tl_package}
        PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_BINDIR CMAKE_INSTALL_LIBDIR)
    # Another bitness is another package.
    write_basic_package_version_file(${tl_gen}/ThawlineConfigVersion.cmake COMPATIBILITY SameMinorVersion)
    install(FILES ${tl_gen}/ThawlineConfig.cmake ${tl_gen}/ThawlineConfigVersion.cmake
        DESTINATION ${tl_package})
    configure_file(${CMAKE_SOURCE_DIR}/cmake/thawline.pc.in ${tl_gen}/thawline.pc @ONLY)
    install(FILES ${tl_gen}/thawline.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

    # tools/setup leaves the licences of the libraries beside them; Debian's package has mingw-w64's.
    thawline_read(TL_EXPAT_LICENSE ${TL_DEPS}/share/licenses/expat)
    string(REPLACE "_" "-" tl_triple ${TL_TRIPLE})
    string(REGEX MATCH "^[^-]+(-64)?" tl_processor ${tl_triple})
    thawline_read(TL_MINGW_LICENSE /usr/share/doc/mingw-w64-${tl_processor}-dev/copyright)
    configure_file(${CMAKE_SOURCE_DIR}/cmake/notices.txt.in ${tl_gen}/THIRD-PARTY-NOTICES.txt @ONLY)
    install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${tl_gen}/THIRD-PARTY-NOTICES.txt
        DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/thawline)
    install(FILES ${CMAKE_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
endfunction()

macro(thawline_add_zip)
    set(CPACK_GENERATOR ZIP)
    set(CPACK_PACKAGE_VENDOR "Thawline contributors")
    set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
    if(CMAKE_SIZEOF_VOID_P EQUAL 8)
        set(TL_PACKAGE_NAME thawline-${PROJECT_VERSION}-windows-x64)
    else()
        set(TL_PACKAGE_NAME thawline-${PROJECT_VERSION}-windows-x86)
    endif()
    set(CPACK_PACKAGE_FILE_NAME ${TL_PACKAGE_NAME})
    # Debug information stays with who builds.
    set(CPACK_STRIP_FILES TRUE)
    set(CPACK_VERBATIM_VARIABLES TRUE)
    include(CPack)
endmacro()
