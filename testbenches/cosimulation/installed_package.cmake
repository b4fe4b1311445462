# Installs into the build tree, moves the result away, and builds and runs the user's test bench against it:
#
#   cmake -DBUILD=DIR -DWORK=DIR -DGENERATOR=NAME -DCOMPILER=FILE [-DLAUNCHER=FILE] [-DFLAGS=FLAGS] -P installed_package.cmake
cmake_minimum_required(VERSION 3.25)
set(prefix ${WORK}/prefix)
set(project ${WORK}/user_testbench)
file(REMOVE_RECURSE ${WORK})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " text)
    message(FATAL_ERROR "${text}: exit code ${code}")
  endif()
endfunction()

# Whoever moves the installed tree finds it working: no place of the build is written in it.
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/staging)
file(RENAME ${WORK}/staging ${prefix})
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR}/../.. ABSOLUTE)
file(GLOB_RECURSE texts ${prefix}/*.cmake ${prefix}/*.hpp)
foreach(file IN LISTS texts)
  file(STRINGS ${file} found REGEX "${source}")
  if(found)
    message(FATAL_ERROR "${file} names the source tree: ${found}")
  endif()
endforeach()
file(GLOB programs ${prefix}/bin/*)
if(NOT programs STREQUAL "${prefix}/bin/tellegen")
  message(FATAL_ERROR "expected the program alone in bin, found: ${programs}")
endif()
run(${prefix}/bin/tellegen --version)

# The user's project stands outside the source tree, and must not reach into it.
file(COPY ${CMAKE_CURRENT_LIST_DIR}/user_testbench DESTINATION ${WORK})
run(${CMAKE_COMMAND} -S ${project} -B ${project}/build -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
    "-DCMAKE_CXX_FLAGS=${FLAGS}" -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_EXPORT_COMPILE_COMMANDS=ON)
file(STRINGS ${project}/build/compile_commands.json found REGEX "(-I|-isystem ?)${source}( |/include )")
if(found)
  message(FATAL_ERROR "the user's test bench includes from the source tree: ${found}")
endif()
run(${CMAKE_COMMAND} --build ${project}/build)
foreach(program capacitance_meter learning_chip)
  run(${CMAKE_COMMAND} -E chdir ${project} build/${program})
endforeach()

set(VCD ${project}/capacitance_meter.vcd)
set(SIGNALS "wire clock" "wire count" "wire above" "real v_charged" "real v_clamped")
include(${CMAKE_CURRENT_LIST_DIR}/check_waves.cmake)
