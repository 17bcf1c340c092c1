// The event of a run as builtin/demo sees it: flat fields with names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace bellpull {

struct DemoField {
  std::string path;  // "order.id"
  const boost::json::value* value = nullptr;

  std::string_view leaf() const;  // "id"
};

// Threads: one. The fields point into the event, so it stays where it was made.
class DemoEvent {
 public:
  // `result` is what `_getIncomingEvent` gave, {"body": "...", ...}; other text is the body itself.
  explicit DemoEvent(std::string_view result);
  DemoEvent(const DemoEvent&) = delete;
  DemoEvent& operator=(const DemoEvent&) = delete;

  // Of the body, when it is a JSON object; nested ones included, up to a limit.
  const std::vector<DemoField>& fields() const { return fields_; }
  // Of what came with the event: contact.email, event.id, ...
  const std::vector<DemoField>& surroundings() const { return surroundings_; }
  // The body as it was sent.
  const boost::json::value& text() const { return text_; }

 private:
  boost::json::value envelope_;
  boost::json::value text_;
  boost::json::value body_;
  std::vector<DemoField> fields_;
  std::vector<DemoField> surroundings_;
};

}  // namespace bellpull
