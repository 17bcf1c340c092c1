# json: Boost.JSON compiled once.
add_library(json STATIC cmake/json/json.cpp)
target_link_libraries(json PUBLIC Boost::headers)
