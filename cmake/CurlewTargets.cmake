# curlew_room(NAME SOURCES a.cpp … USES curlew_base … PRIVATE third-party …)
# One folder of src/curlew as one static library. USES are rooms below it; third-party libraries stay private.
function(curlew_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(curlew_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(curlew_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(curlew_${name} PUBLIC ${ROOM_USES} PRIVATE curlew_options ${ROOM_PRIVATE})
endfunction()

# curlew_test(NAME SOURCES a_test.cpp … USES curlew_base … [LABELS flow])
# One GoogleTest binary, each of its tests known to CTest by its own name.
function(curlew_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;USES;LABELS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE curlew_options ${TEST_USES} GTest::gmock_main)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 120 LABELS "${TEST_LABELS};${name}")
endfunction()
