// Every bound of the HTTP server, with its default.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.h"

namespace bellpull {

struct HttpLimits {
  // Header fields of one request, its trailers included: 431 above.
  std::size_t header_count = 100;
  // Request line and header fields together, and the trailers again: 431 above.
  std::size_t header_bytes = 32 * std::size_t{1024};
  // The size line of one chunk with its extensions: 400 above.
  std::size_t chunk_line_bytes = 1024;
  // The extensions of all chunks of one body, which nobody reads: 400 above.
  std::size_t chunk_extension_bytes = 4 * std::size_t{1024};

  // From the first byte of a request (or from the connection, or its TLS handshake) to the end of
  // its headers: 408 after it.
  Duration header_time = std::chrono::seconds{10};
  // Between two requests of a connection: closed without a word after it.
  Duration idle_time = std::chrono::seconds{75};
  // An idle connection keeps its read buffer this long, then only its socket.
  Duration idle_buffer_time = std::chrono::seconds{2};
  // A body must arrive, and a reply must be taken, at this many bytes a second on the average,
  // judged after `rate_grace`: 408, or the connection is cut.
  std::size_t minimum_rate = 1024;
  Duration rate_grace = std::chrono::seconds{10};
  // One request from its first byte to the last byte of its reply: cut after it.
  Duration total_time = std::chrono::minutes{10};
  // The same for a reply that is a stream.
  Duration stream_time = std::chrono::hours{1};

  // A body that is refused early is still read up to this size, so that the connection lives on.
  std::size_t discard_bytes = 64 * std::size_t{1024};
  // Otherwise the reply is sent, and the rest is read and dropped up to here, so that no reset
  // overtakes the reply.
  std::size_t drain_bytes = 32 * std::size_t{1024} * 1024;
  Duration drain_time = std::chrono::seconds{5};

  // Open connections of the server. One more closes the one that has been idle longest, or is
  // answered 503 when none is idle.
  std::size_t connections = 16384;
  // Request bytes, and reply bytes that wait for their client, held by all connections of the
  // server together: 503 above, but for requests that fit into the first 4 KiB of their connection.
  // A reply is refused above half of it; a stream that is on its way is cut.
  std::size_t buffered_bytes = 256 * std::size_t{1024} * 1024;
  // Connections the kernel keeps for us before they are accepted.
  int backlog = 1024;
  // No accepting for this long after the process ran out of file descriptors.
  Duration accept_pause = std::chrono::milliseconds{100};

  // How often deadlines are looked at, so how late one may be noticed.
  Duration tick = std::chrono::seconds{1};
};

}  // namespace bellpull
