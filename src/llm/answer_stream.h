// Puts a model's answer together from the events of a stream.
//
// Lifetime: one reply. Threads: one at a time.
#pragma once

#include <expected>
#include <string>

#include "egress/event_stream.h"
#include "llm/provider.h"

namespace bellpull {

class AnswerStream {
 public:
  virtual ~AnswerStream() = default;

  // Gives the text that the event adds to the answer; may be empty. Never throws: it runs inside of
  // curl.
  virtual std::string take(const StreamEvent& event) = 0;

  // Nothing that counts follows.
  virtual bool is_over() const = 0;

  // After the last event. A stream that ended before the answer did is a failure that another try
  // may cure.
  virtual std::expected<ModelAnswer, Failure> answer() const = 0;
};

}  // namespace bellpull
