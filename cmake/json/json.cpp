// The one translation unit that carries the code of Boost.JSON; see cmake/json.cmake.
#include <boost/json/src.hpp>
