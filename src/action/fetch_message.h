// An HTTP message as an input of fetch: METHOD URL, header lines, a blank line, the body.
//
// It is taken apart once, by what its author wrote and before a value is in it. What is told of the
// parts is told of what is sent, because these parts are sent: a value is never read as a line.
#pragma once

#include <string>
#include <vector>

#include "action/template.h"

namespace bellpull {

struct MessageHeader {
  Segments name;
  Segments value;
};

struct MessageParts {
  Segments method;  // none: the message is a bare URL
  Segments url;
  std::vector<MessageHeader> headers;
  Segments body;
  std::string problem;  // why it can't be sent; `body` has the rest then
};

MessageParts split_message(Segments message);

// A map of method, url, headers (a list of name and value), body and, if there is one, problem.
TemplateMap to_template(MessageParts parts);

}  // namespace bellpull
