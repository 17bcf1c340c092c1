// Reads CSV as RFC 4180 has it: values between commas, quoted ones with any text in them and a
// quote doubled; rows end with LF or CR LF. Rows without any value are passed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bellpull {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : rest_(text) {}

  std::optional<std::vector<std::string>> next();
  // False once a quoted value ended with the text.
  bool is_well_formed() const { return is_well_formed_; }

 private:
  std::vector<std::string> read_row();
  std::string read_value();

  std::string_view rest_;
  bool is_well_formed_ = true;
};

}  // namespace bellpull
