// The events of a streamed message of Anthropic's.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "egress/event_stream.h"
#include "llm/answer_stream.h"
#include "llm/provider.h"

namespace bellpull {

class AnthropicStream final : public AnswerStream {
 public:
  std::string take(const StreamEvent& event) override;
  bool is_over() const override { return is_done_ || failure_.has_value(); }
  std::expected<ModelAnswer, Failure> answer() const override;

 private:
  // A block, and the text that its input is written in, piece by piece.
  struct Block {
    boost::json::object content;
    std::string input;
  };

  void begin_block(const boost::json::value& data);
  std::string add_delta(const boost::json::value& data);

  boost::json::object message_;  // as it would be without a stream, but for its content
  std::vector<Block> blocks_;
  bool is_done_ = false;
  std::optional<Failure> failure_;  // that the stream told of
};

}  // namespace bellpull
