# `make package`: a Debian package of the program with all that Debian does not have: OpenVINO's libraries, the network files,
# the page. Files go where the program looks for them when it is installed: ../share/storysign beside the folder that it lies in.

set(STORYSIGN_MAINTAINER "The StorySign authors <root@localhost>"
    CACHE STRING "Who is responsible for the package, with an address that its users can write to")
set(STORYSIGN_LIBS "lib/storysign")
set(STORYSIGN_SHARE "share/storysign")
set(STORYSIGN_DOC "share/doc/storysign")

set_target_properties(storysign PROPERTIES INSTALL_RPATH "$ORIGIN/../${STORYSIGN_LIBS}")
install(TARGETS storysign RUNTIME DESTINATION bin)

# Of OpenVINO: the core, what reads .tflite and .onnx, what runs it on the processor and on a GPU, and the threads it brings.
file(GLOB openvino_libs "${STORYSIGN_DEPS}/openvino/libs/libopenvino.so.*"
     "${STORYSIGN_DEPS}/openvino/libs/libopenvino_tensorflow_lite_frontend.so.*"
     "${STORYSIGN_DEPS}/openvino/libs/libopenvino_onnx_frontend.so.*"
     "${STORYSIGN_DEPS}/openvino/libs/libopenvino_ir_frontend.so.*"
     "${STORYSIGN_DEPS}/openvino/libs/libopenvino_intel_cpu_plugin.so"
     "${STORYSIGN_DEPS}/openvino/libs/libopenvino_intel_gpu_plugin.so" "${STORYSIGN_DEPS}/openvino/libs/libtbb.so.*"
     "${STORYSIGN_DEPS}/openvino/libs/libtbbmalloc.so.*")
install(FILES ${openvino_libs} DESTINATION ${STORYSIGN_LIBS})
install(DIRECTORY "${STORYSIGN_DEPS}/openvino/licenses/" DESTINATION ${STORYSIGN_DOC}/openvino-licenses)
file(GLOB models "${STORYSIGN_DEPS}/models/*.tflite")
install(FILES ${models} DESTINATION ${STORYSIGN_SHARE}/models)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/web/dist/" DESTINATION ${STORYSIGN_SHARE}/web)
install(FILES "${CMAKE_SOURCE_DIR}/config/config.yaml" DESTINATION /etc/storysign)
install(FILES "${CMAKE_SOURCE_DIR}/config/config.schema.json" DESTINATION ${STORYSIGN_SHARE})
install(FILES "${CMAKE_SOURCE_DIR}/deploy/systemd/storysign.service"
              "${CMAKE_SOURCE_DIR}/deploy/systemd/storysign-backup.service"
              "${CMAKE_SOURCE_DIR}/deploy/systemd/storysign-backup.timer" DESTINATION /lib/systemd/system)
install(PROGRAMS "${CMAKE_SOURCE_DIR}/deploy/tune.sh" DESTINATION sbin RENAME storysign-tune)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/deploy/systemd/examples/" DESTINATION ${STORYSIGN_DOC}/examples/systemd)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/deploy/haproxy" DESTINATION ${STORYSIGN_DOC}/examples)
install(FILES "${CMAKE_SOURCE_DIR}/docs/deploy.md" "${CMAKE_SOURCE_DIR}/docs/configuration.md"
              "${CMAKE_SOURCE_DIR}/NOTICE" DESTINATION ${STORYSIGN_DOC})
install(FILES "${CMAKE_SOURCE_DIR}/deploy/debian/copyright" DESTINATION ${STORYSIGN_DOC})
install(FILES "${CMAKE_SOURCE_DIR}/deploy/debian/lintian-overrides" DESTINATION share/lintian/overrides RENAME storysign)
find_program(GZIP gzip REQUIRED)
add_custom_command(
  OUTPUT "${CMAKE_BINARY_DIR}/changelog.gz"
  COMMAND "${GZIP}" -9nc "${CMAKE_SOURCE_DIR}/CHANGELOG.md" > "${CMAKE_BINARY_DIR}/changelog.gz"
  DEPENDS "${CMAKE_SOURCE_DIR}/CHANGELOG.md")
add_custom_target(storysign_changelog DEPENDS "${CMAKE_BINARY_DIR}/changelog.gz")
install(FILES "${CMAKE_BINARY_DIR}/changelog.gz" DESTINATION ${STORYSIGN_DOC})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME storysign)
set(CPACK_PACKAGE_VENDOR "The StorySign authors")
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/package")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
                                                WORLD_EXECUTE)
# The modules of this target only: nothing else needs to be built for a package.
set(CPACK_CMAKE_GENERATOR Ninja)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${STORYSIGN_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SECTION education)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "live landmarks for learners of American Sign Language
A server that finds face, hands and body in the camera pictures of several
learners at a time and sends the landmarks back, live, with the page that
draws them over one's own video.

The networks and OpenVINO, which runs them, are part of this package.")
# What the program is linked to is found by dpkg-shlibdeps; libopenvino and its parts are the package's own.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${STORYSIGN_DEPS}/openvino/libs")
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "haproxy, postgresql, postgresql-client, prometheus")
set(CPACK_DEBIAN_COMPRESSION_TYPE gzip)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${CMAKE_SOURCE_DIR}/deploy/debian/conffiles;${CMAKE_SOURCE_DIR}/deploy/debian/postinst;${CMAKE_SOURCE_DIR}/deploy/debian/prerm;${CMAKE_SOURCE_DIR}/deploy/debian/postrm")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)

add_custom_target(
  debian_package
  COMMAND "${CMAKE_CPACK_COMMAND}" --config "${CMAKE_BINARY_DIR}/CPackConfig.cmake"
  DEPENDS storysign storysign_changelog
  WORKING_DIRECTORY "${CMAKE_BINARY_DIR}"
  COMMENT "Packing the Debian package")
