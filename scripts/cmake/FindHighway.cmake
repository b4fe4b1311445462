# Highway, whose vectors are headers and whose runtime library is not needed.
find_path(Highway_INCLUDE_DIR hwy/highway.h)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Highway REQUIRED_VARS Highway_INCLUDE_DIR)
if(Highway_FOUND AND NOT TARGET Highway::highway)
  add_library(Highway::highway INTERFACE IMPORTED)
  set_target_properties(Highway::highway PROPERTIES INTERFACE_INCLUDE_DIRECTORIES ${Highway_INCLUDE_DIR})
endif()
