// The one translation unit that carries the code of Boost.Asio; see cmake/asio.cmake.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
