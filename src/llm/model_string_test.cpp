#include "llm/model_string.h"

#include <string>
#include <string_view>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace bellpull {
namespace {

std::string parts(std::string_view text) {
  const ModelString model = parse_model_string(text);
  return model.name + " " + boost::json::serialize(model.options);
}

TEST(ModelStringTest, TheNameEndsWhereTheOptionsBegin) {
  EXPECT_EQ(parts("gpt-5.4/temperature=0.2/maxTokens=800"),
            R"(gpt-5.4 {"temperature":"0.2","maxTokens":"800"})");
  EXPECT_EQ(parts("builtin/demo"), "builtin/demo {}");
  EXPECT_EQ(parts("openrouter/meta/llama-3/seed=1"), R"(openrouter/meta/llama-3 {"seed":"1"})");
  EXPECT_EQ(parts(" m "), "m {}");
  EXPECT_EQ(parts(""), " {}");
}

TEST(ModelStringTest, ASlashInAValueIsEscapedAndAFlagIsTrue) {
  EXPECT_EQ(parts("m/endpoint=https:%2F%2Fx.example%2fv1/image"),
            R"(m {"endpoint":"https://x.example/v1","image":"true"})");
  EXPECT_EQ(parts("m/a=b=c"), R"(m {"a":"b=c"})");
}

TEST(ModelStringTest, TheJsonFormIsRead) {
  EXPECT_EQ(parts(R"({"name":"m","config":{"seed":7,"voice":"x"}})"),
            R"(m {"seed":"7","voice":"x"})");
  EXPECT_EQ(parts(R"({"name":7})"), R"({"name":7} {})") << "stored as given";
}

}  // namespace
}  // namespace bellpull
