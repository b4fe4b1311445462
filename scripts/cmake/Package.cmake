# What `cmake --install` leaves behind: the program, and a package for find_package(Tellegen).
#
#   tellegen_package(ROOM...)
#
# installs these rooms and all that they use: static libraries, headers in one folder of their own, and CMake files. ROOM becomes the
# target Tellegen::ROOM; Tellegen::tellegen stands for all of them.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# What TellegenConfig.cmake.in finds. A package of fewer rooms would still ask for all of it.
set(TELLEGEN_PACKAGE_FINDS fmt::fmt Boost::headers KLU::klu SystemC::systemc)

# The rooms that these reach, and themselves.
function(_tellegen_reach result)
  set(reached)
  set(waiting ${ARGN})
  while(waiting)
    list(POP_FRONT waiting room)
    if(room IN_LIST reached)
      continue()
    endif()
    list(APPEND reached ${room})
    get_target_property(used tellegen_${room} INTERFACE_LINK_LIBRARIES)
    foreach(target IN LISTS used)
      if(target MATCHES "^tellegen_(.*)")
        list(APPEND waiting ${CMAKE_MATCH_1})
      elseif(NOT target IN_LIST TELLEGEN_PACKAGE_FINDS)
        message(FATAL_ERROR "room ${room} of the package needs ${target}: let TellegenConfig.cmake.in find it, and Package.cmake know of it")
      endif()
    endforeach()
    list(REMOVE_ITEM waiting options)
  endwhile()
  set(${result} ${reached} PARENT_SCOPE)
endfunction()

function(tellegen_package)
  # A folder that nobody else uses: headers are named from there as they are in the tree.
  set(headers ${CMAKE_INSTALL_INCLUDEDIR}/tellegen-${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  set(files ${CMAKE_INSTALL_LIBDIR}/cmake/Tellegen)

  _tellegen_reach(rooms ${ARGN})
  foreach(room IN LISTS rooms)
    install(TARGETS tellegen_${room} EXPORT TellegenTargets)
    get_target_property(folder tellegen_${room} SOURCE_DIR)
    file(RELATIVE_PATH place ${CMAKE_SOURCE_DIR} ${folder})
    string(REGEX REPLACE "^include/" "" place ${place})
    install(DIRECTORY ${folder}/ DESTINATION ${headers}/${place} FILES_MATCHING PATTERN *.hpp)
  endforeach()
  set_target_properties(tellegen_options PROPERTIES EXPORT_NAME options)
  target_include_directories(tellegen_options INTERFACE $<INSTALL_INTERFACE:${headers}>)
  install(TARGETS tellegen_options EXPORT TellegenTargets)
  install(EXPORT TellegenTargets NAMESPACE Tellegen:: DESTINATION ${files})

  list(TRANSFORM ARGN PREPEND Tellegen:: OUTPUT_VARIABLE TELLEGEN_PACKAGE_ROOMS)
  configure_package_config_file(${CMAKE_SOURCE_DIR}/scripts/cmake/TellegenConfig.cmake.in package/TellegenConfig.cmake INSTALL_DESTINATION ${files}
                                NO_SET_AND_CHECK_MACRO)
  # Before 1.0 a minor version may break what the last one promised.
  write_basic_package_version_file(package/TellegenConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package/TellegenConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/package/TellegenConfigVersion.cmake
                ${CMAKE_SOURCE_DIR}/scripts/cmake/FindSystemC.cmake ${CMAKE_SOURCE_DIR}/scripts/cmake/FindKLU.cmake
          DESTINATION ${files})

  install(TARGETS tellegen RUNTIME)
  install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
endfunction()
