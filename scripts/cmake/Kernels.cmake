# Kernels compiled once per instruction set.
#
#   tellegen_kernels(ROOM [USES room...])
#
# compiles every *.kernels.cpp of the current folder and below once per set, with TELLEGEN_TARGET as the set's name, into
# the room's library. A room's other sources are those that do not end in .kernels.cpp.
set(TELLEGEN_KERNEL_SETS scalar)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(TELLEGEN_KERNEL_SETS scalar sse4 avx2 avx512)
  target_compile_definitions(tellegen_options INTERFACE TELLEGEN_X86_KERNELS)
endif()
set(TELLEGEN_KERNEL_FLAGS_scalar -DHWY_COMPILE_ONLY_SCALAR)
set(TELLEGEN_KERNEL_FLAGS_sse4 -msse4.2 -maes -mpclmul)
set(TELLEGEN_KERNEL_FLAGS_avx2 -mavx2 -mfma -mbmi -mbmi2 -mf16c -maes -mpclmul)
set(TELLEGEN_KERNEL_FLAGS_avx512 -march=skylake-avx512 -mprefer-vector-width=512)

function(tellegen_kernels room)
  cmake_parse_arguments(KERNELS "" "" "USES" ${ARGN})
  list(TRANSFORM KERNELS_USES PREPEND tellegen_)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.kernels.cpp)
  if(NOT sources)
    return()
  endif()
  foreach(set IN LISTS TELLEGEN_KERNEL_SETS)
    set(objects tellegen_${room}_${set})
    add_library(${objects} OBJECT ${sources})
    target_link_libraries(${objects} PRIVATE tellegen_options tellegen_lanes ${KERNELS_USES})
    # -O3 in every build type that optimises; no errno, no traps: a comparison of NaN may be hoisted.
    target_compile_options(${objects} PRIVATE ${TELLEGEN_KERNEL_FLAGS_${set}} -fno-math-errno -fno-trapping-math -Wno-psabi)
    target_compile_definitions(${objects} PRIVATE TELLEGEN_TARGET=${set})
    target_sources(tellegen_${room} PRIVATE $<TARGET_OBJECTS:${objects}>)
    set_property(GLOBAL APPEND PROPERTY TELLEGEN_KERNEL_OBJECTS ${objects})
  endforeach()
endfunction()
