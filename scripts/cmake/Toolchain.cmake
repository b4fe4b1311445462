# Warnings, sanitizers, and the optional accelerators of the build: ccache and mold are used when they are there.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(tellegen_options INTERFACE)
target_compile_features(tellegen_options INTERFACE cxx_std_20)
# How this project is compiled is no matter of those who use what it installs.
set(options -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -fno-math-errno
            -Wno-restrict)  # GCC 12 warns falsely inside std::string::append
if(TELLEGEN_WERROR)
  list(APPEND options -Werror)
endif()
target_compile_options(tellegen_options INTERFACE "$<BUILD_INTERFACE:${options}>")
target_include_directories(tellegen_options INTERFACE "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR};${CMAKE_SOURCE_DIR}/include>")

set(TELLEGEN_SANITIZE "" CACHE STRING "Sanitizers to build with, such as address,undefined")
if(TELLEGEN_SANITIZE)
  add_compile_options(-fsanitize=${TELLEGEN_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TELLEGEN_SANITIZE})
endif()
