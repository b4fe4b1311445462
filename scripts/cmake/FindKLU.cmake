# KLU of SuiteSparse, with the orderings that it calls.
find_path(KLU_INCLUDE_DIR klu.h PATH_SUFFIXES suitesparse)
set(_klu_required KLU_INCLUDE_DIR)
foreach(lib klu amd colamd btf suitesparseconfig)
  find_library(KLU_${lib}_LIBRARY ${lib})
  list(APPEND _klu_required KLU_${lib}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(KLU REQUIRED_VARS ${_klu_required})
if(KLU_FOUND AND NOT TARGET KLU::klu)
  add_library(KLU::klu UNKNOWN IMPORTED)
  set_target_properties(KLU::klu PROPERTIES IMPORTED_LOCATION ${KLU_klu_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${KLU_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES "${KLU_amd_LIBRARY};${KLU_colamd_LIBRARY};${KLU_btf_LIBRARY};${KLU_suitesparseconfig_LIBRARY}")
endif()
