#include "cli/command.h"

#include <string>
#include <vector>

#include "cli/arguments.h"

namespace bellpull::cli {

std::string Command::full_name() const {
  return group.empty() ? std::string{name} : std::string{group} + " " + std::string{name};
}

const std::vector<Option>& global_options() {
  static const std::vector<Option> options{
      {"--url", "URL", "the server; else BELLPULL_URL, the files, the data directory"},
      {"--token", "TOKEN",
       "an API token; better in BELLPULL_TOKEN, where other users can't see it"},
      {"--data", "DIR", "the data directory of a server on this machine"},
      {"--ca-file", "FILE", "trust this certificate authority (PEM), for self-signed servers"},
      {"--json", "", "one JSON document"},
      {"--jsonl", "", "one JSON object a line"},
      {"--fields", "A,B.C", "only these fields"},
      {"-q,--quiet", "", "ids only"},
      {"--no-header", "", "a table without its header"},
      {"--wide", "", "all columns, whole ids and texts"},
      {"--color", "WHEN", "auto, always or never"},
      {"--no-color", "", "the same as --color never"},
      {"--debug", "", "show the HTTP exchange on stderr, secrets masked"},
      {"-h,--help", "", "this help"},
  };
  return options;
}

std::vector<Option> with_list_options(std::vector<Option> own) {
  own.push_back({"--limit", "N", "at most this many (100)"});
  own.push_back({"--all", "", "all of them, page by page"});
  own.push_back({"--cursor", "CURSOR", "go on after a page that was read before"});
  return own;
}

}  // namespace bellpull::cli
