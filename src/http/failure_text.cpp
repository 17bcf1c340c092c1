#include "http/failure_text.h"

#include <exception>
#include <string>

namespace bellpull {

std::string failure_text(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& known) {
    std::string text = known.what();
    try {
      std::rethrow_if_nested(known);
    } catch (...) {
      text += ": " + failure_text(std::current_exception());
    }
    return text;
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace bellpull
