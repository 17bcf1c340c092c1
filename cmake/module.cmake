# module(<name> [ASIO] DEPENDS <modules> LIBRARIES <external targets> TEST_LIBRARIES <targets>)
#
# Declares src/<name>: one static library, and one test program of its *_test.cpp files.
# A module sees its own headers and those of the modules it names and they name, no others: each
# module's include root holds a single link, to that module. So an include that the
# architecture forbids does not compile. ASIO gives it Boost.Asio and the shared precompiled header;
# TEST_LIBRARIES are for its test program only.
function(module name)
  cmake_parse_arguments(arg "ASIO" "" "DEPENDS;LIBRARIES;TEST_LIBRARIES" ${ARGN})

  foreach(dependency IN LISTS arg_DEPENDS)
    if(NOT TARGET ${dependency})
      message(FATAL_ERROR "${name} can't depend on ${dependency}, which is not below it.")
    endif()
  endforeach()

  set(root ${PROJECT_BINARY_DIR}/modules/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)

  file(GLOB headers CONFIGURE_DEPENDS ${root}/${name}/*.h)
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  file(GLOB tests CONFIGURE_DEPENDS *_test.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER headers EXCLUDE REGEX "_test\\.h$")

  add_library(${name} STATIC ${sources})
  target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${root} FILES ${headers})
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS} ${arg_LIBRARIES})
  if(arg_ASIO)
    target_link_libraries(${name} PUBLIC asio)
    target_precompile_headers(${name} REUSE_FROM asio)
  endif()

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${arg_TEST_LIBRARIES} GTest::gmock_main)
    if(arg_ASIO)
      target_precompile_headers(${name}_test REUSE_FROM asio)
    endif()
    gtest_discover_tests(${name}_test TEST_PREFIX "${name}/" PROPERTIES TIMEOUT 120)
  endif()
endfunction()
