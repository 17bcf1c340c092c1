// The chunks of a streamed chat completion, read leniently: a call may come whole or in parts, its
// index may be missing and its id repeated, and `[DONE]` may not come at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "egress/event_stream.h"
#include "llm/answer_stream.h"
#include "llm/provider.h"

namespace bellpull {

class OpenAiStream final : public AnswerStream {
 public:
  std::string take(const StreamEvent& event) override;
  bool is_over() const override { return is_done_ || failure_.has_value(); }
  std::expected<ModelAnswer, Failure> answer() const override;

 private:
  std::string take_choice(const boost::json::object& choice);
  void merge_delta(const boost::json::object& delta);
  void merge_calls(const boost::json::array& pieces);
  std::size_t place_of(const boost::json::array& calls, const boost::json::object& piece);

  boost::json::object reply_;          // what is no choice: id, model, usage
  boost::json::object message_;        // as it would be without a stream
  std::vector<std::int64_t> indexes_;  // the server's, of each call of the message
  std::string finish_reason_;
  bool is_done_ = false;
  std::optional<Failure> failure_;  // that the stream told of
};

}  // namespace bellpull
