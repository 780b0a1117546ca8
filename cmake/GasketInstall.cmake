# Installs the command, the libraries, the headers and the package that find_package(gasket) reads.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/gasket")

install(TARGETS gasket_partition gasket_engine EXPORT gasketTargets)
install(EXPORT gasketTargets NAMESPACE gasket:: DESTINATION "${package_dir}")
if(TARGET gasket)
  install(TARGETS gasket)
endif()
install(DIRECTORY partition engine DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/gasket" FILES_MATCHING PATTERN "*.hpp")

configure_package_config_file(cmake/gasketConfig.cmake.in "${PROJECT_BINARY_DIR}/gasketConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/gasketConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/gasketConfig.cmake" "${PROJECT_BINARY_DIR}/gasketConfigVersion.cmake"
  cmake/GasketDependencies.cmake cmake/Findzstd.cmake cmake/Findxxhash.cmake cmake/Findmetis.cmake
  DESTINATION "${package_dir}")
