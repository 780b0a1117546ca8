# Finds libmetis; defines metis::metis.
find_path(metis_INCLUDE_DIR metis.h)
find_library(metis_LIBRARY metis)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(metis REQUIRED_VARS metis_LIBRARY metis_INCLUDE_DIR)
if(metis_FOUND AND NOT TARGET metis::metis)
  add_library(metis::metis UNKNOWN IMPORTED)
  set_target_properties(metis::metis PROPERTIES
    IMPORTED_LOCATION "${metis_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${metis_INCLUDE_DIR}")
endif()
mark_as_advanced(metis_INCLUDE_DIR metis_LIBRARY)
