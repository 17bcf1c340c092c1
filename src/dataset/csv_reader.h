// Reads CSV as RFC 4180 has it: values between commas, quoted ones with any text in them and a
// quote doubled; rows end with LF or CR LF. Rows without any value are passed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bellpull {

// Values of a row: as many columns as spreadsheets have.
inline constexpr std::size_t max_csv_columns = 16'384;

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : rest_(text) {}

  // Nothing after the last row, or at one that is too wide.
  std::optional<std::vector<std::string>> next();
  // False once a quoted value ended with the text.
  bool is_well_formed() const { return is_well_formed_; }
  // True once a row had more values than max_csv_columns.
  bool is_too_wide() const { return is_too_wide_; }

 private:
  std::vector<std::string> read_row();
  std::string read_value();

  std::string_view rest_;
  bool is_well_formed_ = true;
  bool is_too_wide_ = false;
};

}  // namespace bellpull
