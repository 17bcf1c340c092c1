// An exception as text for the log: its message, and those of the ones nested in it.
#pragma once

#include <exception>
#include <string>

namespace bellpull {

std::string failure_text(const std::exception_ptr& failure);

}  // namespace bellpull
