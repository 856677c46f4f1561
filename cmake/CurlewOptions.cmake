# How everything of ours is compiled: warnings, sanitizers, coverage, the compiler cache.
add_library(curlew_options INTERFACE)
target_compile_options(curlew_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                                                -Wnon-virtual-dtor -Woverloaded-virtual)
option(CURLEW_WERROR "Warnings are errors" ON)
if(CURLEW_WERROR)
  target_compile_options(curlew_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these falsely from inside the standard library when it inlines.
  target_compile_options(curlew_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds
                                                  -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(CURLEW_SANITIZE)
  # No vptr: to look at an object it makes system calls, which a process in the sandbox of spawn/ may not.
  add_compile_options(-fsanitize=${CURLEW_SANITIZE} -fno-sanitize=vptr -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CURLEW_SANITIZE})
endif()
option(CURLEW_COVERAGE "Instrument for gcov" OFF)
if(CURLEW_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_compile_definitions(CURLEW_COVERAGE)
  add_link_options(--coverage)
endif()
find_program(CURLEW_CCACHE ccache)
if(CURLEW_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CURLEW_CCACHE})
endif()
