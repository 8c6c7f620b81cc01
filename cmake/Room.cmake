# storysign_room(NAME SOURCES a.cpp ... [ROOMS base engine ...] [LIBS fmt::fmt ...])
# One static library storysign_NAME for the folder src/NAME. ROOMS are the rooms that it may link (see the table in
# tests/meta), LIBS third-party targets.
function(storysign_room NAME)
  cmake_parse_arguments(ROOM "" "" "SOURCES;ROOMS;LIBS" ${ARGN})
  add_library(storysign_${NAME} STATIC ${ROOM_SOURCES})
  target_link_libraries(storysign_${NAME} PUBLIC storysign_compile tl::expected)
  foreach(room IN LISTS ROOM_ROOMS)
    target_link_libraries(storysign_${NAME} PUBLIC storysign_${room})
  endforeach()
  target_link_libraries(storysign_${NAME} PUBLIC ${ROOM_LIBS})
endfunction()

# storysign_test(NAME [WHOLE] SOURCES a_test.cpp ... ROOMS base ... [LIBS ...] [LABELS ...])
# One GoogleTest program tests/NAME, registered with ctest as one test per TEST(). The label single-thread says that it
# starts no thread: the thread sanitizer, for which it would only be long, leaves it out. WHOLE makes it one test, for a
# program whose tests share something that is slow to start.
function(storysign_test NAME)
  cmake_parse_arguments(T "WHOLE" "" "SOURCES;ROOMS;LIBS;LABELS" ${ARGN})
  if(STORYSIGN_SANITIZE MATCHES "thread" AND "single-thread" IN_LIST T_LABELS)
    return()
  endif()
  add_executable(${NAME} ${T_SOURCES})
  foreach(room IN LISTS T_ROOMS)
    target_link_libraries(${NAME} PRIVATE storysign_${room})
  endforeach()
  target_link_libraries(${NAME} PRIVATE storysign_compile ${T_LIBS} GTest::gmock GTest::gtest_main)
  target_include_directories(${NAME} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  # What is tested is optimised; the tests themselves need not be, and compile a quarter faster.
  target_compile_options(${NAME} PRIVATE $<$<CONFIG:Release>:-O0>)
  target_compile_definitions(
    ${NAME} PRIVATE STORYSIGN_MODELS_DIR="${STORYSIGN_DEPS}/models"
                    STORYSIGN_SHARED_DATA_DIR="${CMAKE_SOURCE_DIR}/../shared/data")
  if(T_WHOLE)
    add_test(NAME ${NAME} COMMAND ${NAME})
    set_tests_properties(${NAME} PROPERTIES LABELS "${T_LABELS}")
    return()
  endif()
  gtest_discover_tests(${NAME} DISCOVERY_TIMEOUT 120 PROPERTIES LABELS "${T_LABELS}")
endfunction()
