// Reads JSON text; what all our readers of it share.
//
// Boost.JSON 1.81 reads every tenth number of 17 digits as its neighbour. Here each is the double
// nearest to its text, so that what is read, kept and read again stays the same.
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

namespace bellpull {

struct JsonReading {
  boost::json::value value;
  boost::system::error_code error;  // of boost::json::error
  std::size_t read = 0;             // bytes, up to what is wrong
};

// A value takes up to 100 bytes of memory, whatever it takes of the text: two at least.
inline constexpr std::size_t any_number_of_values = std::numeric_limits<std::size_t>::max();

// One value and blanks around it, nested at most so deep, and with at most so many values in it,
// itself and lists and objects among them: else the error is `array_too_large`.
JsonReading read_json(std::string_view text, std::size_t max_depth,
                      std::size_t max_values = any_number_of_values);

}  // namespace bellpull
