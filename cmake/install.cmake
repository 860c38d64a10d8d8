# make install PREFIX=…, then find_package(figment) from anywhere. The installed CMake files hold no absolute path: where
# LibTorch lies is told by LIBTORCH_ROOT there too; the library itself remembers the one it was built with (CMakeLists.txt).
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/figment)

install(TARGETS figment_core figment EXPORT figment)
install(TARGETS figment_program)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/figment ${CMAKE_BINARY_DIR}/generated/figment TYPE INCLUDE
  FILES_MATCHING PATTERN "*.h" PATTERN "*test*" EXCLUDE)

install(EXPORT figment NAMESPACE figment:: FILE figmentTargets.cmake DESTINATION ${package})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/figmentConfig.cmake.in figmentConfig.cmake
  INSTALL_DESTINATION ${package} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(figmentConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/FindLibTorch.cmake ${CMAKE_BINARY_DIR}/figmentConfig.cmake
              ${CMAKE_BINARY_DIR}/figmentConfigVersion.cmake DESTINATION ${package})
