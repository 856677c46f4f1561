# What an installed Curlew consists of, and its Debian package: tools/package.sh builds it.
get_filename_component(openvino_libs ${OpenVINO_DIR}/../libs ABSOLUTE)
file(GLOB openvino_licences ${openvino_libs}/../../openvino-*.dist-info/licenses)
set(prepared ${CMAKE_SOURCE_DIR}/.setup)
set(generated ${CMAKE_BINARY_DIR}/package-files)
set(deploy ${CMAKE_SOURCE_DIR}/deploy)

# Completions, config and manual page, as the program itself tells them.
add_custom_target(curlew_package_files COMMAND ${deploy}/debian/generate.sh $<TARGET_FILE:curlew> ${generated}
                  DEPENDS curlew VERBATIM)

# CMake ends the path of a program that it changes later with a colon, and the dynamic linker takes what is behind it for
# the current folder: nobody's libraries are to be taken from there. So the path is set as it stays, and ours when installed.
set_target_properties(curlew PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH ${openvino_libs})
install(TARGETS curlew RUNTIME DESTINATION bin)
install(CODE [[file(RPATH_SET FILE "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/bin/curlew" NEW_RPATH "$ORIGIN/../lib/curlew")]])

# What is opened when networks are read (IR, ONNX, TFLite, SavedModel), compiled for the CPU and run; no other devices.
foreach(library openvino.so openvino_ir_frontend.so openvino_onnx_frontend.so openvino_tensorflow_frontend.so
                openvino_tensorflow_lite_frontend.so openvino_intel_cpu_plugin.so tbb.so tbbmalloc.so tbbbind_2_5.so
                hwloc.so)
  file(GLOB files ${openvino_libs}/lib${library} ${openvino_libs}/lib${library}.*)
  if(files)
    install(FILES ${files} DESTINATION lib/curlew)
  else()
    install(CODE "message(FATAL_ERROR \"lib${library} is not in ${openvino_libs}: OpenVINO of PyPI has it\")")
  endif()
endforeach()

install(FILES ${prepared}/models/efficientnet_lite0.xml ${prepared}/models/efficientnet_lite0.bin
              ${prepared}/models/imagenet.txt ${prepared}/models/ssdlite_coco.xml ${prepared}/models/ssdlite_coco.bin
        DESTINATION share/curlew/models)

install(FILES ${generated}/curlew.1.gz DESTINATION share/man/man1)
install(FILES ${generated}/completion.bash DESTINATION share/bash-completion/completions RENAME curlew)
install(FILES ${generated}/completion.zsh DESTINATION share/zsh/vendor-completions RENAME _curlew)
install(FILES ${generated}/completion.fish DESTINATION share/fish/vendor_completions.d RENAME curlew.fish)
install(FILES ${generated}/curlew.toml DESTINATION /etc/curlew)
install(FILES ${deploy}/systemd/curlew.service DESTINATION lib/systemd/system)

file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/*.md ${CMAKE_SOURCE_DIR}/docs/*.svg)
install(FILES ${deploy}/debian/copyright ${generated}/changelog.gz ${pages} DESTINATION share/doc/curlew)
install(FILES ${prepared}/models/LICENCES.txt DESTINATION share/doc/curlew RENAME models.txt)
install(DIRECTORY ${openvino_licences}/ DESTINATION share/doc/curlew/openvino)
install(DIRECTORY ${prepared}/explorer/ DESTINATION share/doc/curlew/swagger-ui OPTIONAL
        FILES_MATCHING PATTERN LICENSE PATTERN NOTICE PATTERN *.LICENSE.txt)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME curlew)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Curlew authors <curlew@localhost>")  # tools/package.sh knows better where it is told
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "turn a list of image URLs into labels")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Curlew fetches pictures, names the bird in each or finds the objects in it, and
hands out every answer the moment it is ready: on a terminal, over HTTP and over
ZeroMQ. It brings the networks imagenet and coco, and OpenVINO's libraries for
running them on the CPU.")
set(CPACK_SET_DESTDIR ON)  # for /etc
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_THREADS 0)  # as many as there are cores
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
# What is linked is found by dpkg-shlibdeps; libavif, cairo and freetype are opened at first use.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${openvino_libs})
set(CPACK_DEBIAN_PACKAGE_DEPENDS
    "libavif15 (>= 0.11), libcairo2 (>= 1.16), libfreetype6 (>= 2.12), ca-certificates, adduser, init-system-helpers")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${deploy}/debian/conffiles ${deploy}/debian/postinst ${deploy}/debian/prerm
                                       ${deploy}/debian/postrm)
include(CPack)
