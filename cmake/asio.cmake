# asio: Boost.Asio compiled once, for every module declared with ASIO, and the one precompiled
# header that those modules share. Headers that do not wait should not name it.
add_library(asio STATIC cmake/asio/asio.cpp)
target_link_libraries(asio PUBLIC Boost::headers OpenSSL::SSL Threads::Threads)
target_compile_definitions(asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  $<$<CONFIG:Tsan>:BOOST_ASIO_DISABLE_FENCED_BLOCK>)
target_precompile_headers(asio PRIVATE
  <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp>
  <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp> <boost/asio/ssl.hpp> <boost/asio/steady_timer.hpp>
  <boost/asio/use_awaitable.hpp> <chrono> <expected> <functional> <map> <memory> <optional> <string>
  <string_view> <unordered_map> <vector>)
