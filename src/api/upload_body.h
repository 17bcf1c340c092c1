// The content of a file as a request brings it: raw, as a form's part, or inside a data: URL
// (api-contract.md 2.15).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bellpull {

// A content type that can be sent back as a header, "application/octet-stream" for one that can't.
std::string kept_content_type(std::string_view given);

struct FormFile {
  std::string_view bytes;  // of the body it was found in
  std::string type;
  std::string name;
};
// The part `file` of a multipart/form-data body. Fails with `invalid`.
Result<FormFile> read_form_file(std::string_view content_type, std::string_view body);

struct DataUrl {
  std::string bytes;
  std::string type;
};
// "data:text/plain;base64,aGVsbG8=". Fails with `invalid`.
Result<DataUrl> read_data_url(std::string_view url);

}  // namespace bellpull
