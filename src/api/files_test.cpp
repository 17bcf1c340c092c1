#include <chrono>
#include <cstddef>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api.h"
#include "api/api_fixture_test.h"
#include "api/remote_content.h"
#include "api/server_address.h"
#include "base/result.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

class FilesTest : public ApiTest {
 protected:
  explicit FilesTest(ApiSettings settings = {}) : ApiTest(std::move(settings)) {}

  Reply upload(std::string_view type, std::string_view bytes) {
    return client().send("POST", "/api/v1" + base + "/upload",
                         auth() + "content-type: " + std::string{type} + "\r\n", bytes);
  }
  Reply told(const json::value& file_value) {
    return post(base + "/upload", {{"file", file_value}});
  }
  Reply download() { return get(base + "/download"); }
  // The path of an absolute URL of this server.
  static std::string path_of(const std::string& url) { return url.substr(url.find("/api/")); }

  std::string file = post("/file/create", {{"name", "notes.txt"}}).id();
  const std::string base = "/file/" + file;
};

TEST_F(FilesTest, IsFetchedWithEveryField) {
  EXPECT_EQ(get(base + "/fetch").body,
            R"({"id":")" + file +
                R"(","alias":null,"name":"notes.txt","description":"","blueprintId":null,)"
                R"("visibility":"private","meta":{},"type":null,"size":null,)"
                R"("createdAt":"2026-01-01T00:00:00.000Z",)"
                R"("updatedAt":"2026-01-01T00:00:00.000Z"})");
  EXPECT_EQ(download().status, 204) << "no content yet";
  EXPECT_EQ(get(base + "/download", "accept: application/json\r\n").status, 204);
}

TEST_F(FilesTest, RawBytesComeBackAsTheyWere) {
  std::string bytes;
  for (int i = 0; i < 1024; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(upload("image/png", bytes).id(), file);
  const Reply reply = download();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, bytes);
  EXPECT_EQ(reply.header("content-type"), "image/png");
  EXPECT_EQ(get(base + "/fetch").at("size"), 1024);
  EXPECT_EQ(get(base + "/fetch").text("type"), "image/png");
}

TEST_F(FilesTest, AContentOfManyPiecesComesBackWhole) {
  std::string bytes;
  for (std::size_t i = 0; i < 3 * piece_bytes + 7; ++i) bytes += static_cast<char>(i * 31 >> 4);
  EXPECT_EQ(upload("application/octet-stream", bytes).status, 200);
  EXPECT_EQ(download().body, bytes);
  EXPECT_EQ(upload("text/plain", "short").status, 200);
  EXPECT_EQ(download().body, "short") << "nothing of the old one is left";
}

TEST_F(FilesTest, ABrowserRunsNothingOfIt) {
  upload("text/html", "<script>alert(1)</script>");
  const Reply reply = download();
  EXPECT_EQ(reply.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(reply.header("content-disposition"), "attachment; filename*=UTF-8''notes.txt");
  EXPECT_EQ(reply.header("content-security-policy"), "default-src 'none'; sandbox");
  post(base + "/update", {{"name", "a\"\r\nx: y/\xc3\xa5.html"}});
  EXPECT_EQ(download().header("content-disposition"),
            "attachment; filename*=UTF-8''a%22%0D%0Ax%3A%20y%2F%C3%A5.html");
  EXPECT_TRUE(download().header("x").empty());
}

TEST_F(FilesTest, ATypeThatIsNoneBecomesBytes) {
  upload("nonsense", "x");
  EXPECT_EQ(download().header("content-type"), "application/octet-stream");
}

TEST_F(FilesTest, AnAnnouncedContentIsPutWithoutAToken) {
  const Reply promised =
      told(json::object{{"size", 5}, {"type", "text/plain"}, {"name", "other.txt"}});
  EXPECT_EQ(promised.id(), file);
  const json::object request = promised.at("uploadRequest").as_object();
  EXPECT_EQ(request.at("method"), "PUT");
  EXPECT_EQ(json::serialize(request.at("headers")), R"({"content-type":"text/plain"})");
  const std::string url{request.at("url").as_string()};
  EXPECT_TRUE(url.starts_with("http://test/api/v1/file/" + file + "/content?")) << url;

  const Reply put = client().send("PUT", path_of(url), "", "hello");
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.body, "{}");
  EXPECT_EQ(download().body, "hello");
  EXPECT_EQ(download().header("content-type"), "text/plain");
  EXPECT_EQ(get(base + "/fetch").text("name"), "notes.txt") << "it has one";
}

TEST_F(FilesTest, ALinkIsGoodForWhatItSaysOnly) {
  const Reply promised = told(json::object{{"size", 5}, {"type", "text/plain"}});
  const std::string path = path_of(std::string{promised.at("uploadRequest").at("url").as_string()});
  const Reply wrong_size = client().send("PUT", path, "", "hello!");
  EXPECT_EQ(wrong_size.status, 400);
  EXPECT_EQ(wrong_size.message(), "5 bytes were announced, but 6 came");

  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = path;
    changed.replace(changed.find(from), from.size(), to);
    return client().send("PUT", changed, "", "hello").status;
  };
  EXPECT_EQ(with("size=5", "size=6"), 401);
  EXPECT_EQ(with("text%2Fplain", "text%2Fhtml"), 401);
  EXPECT_EQ(with("expires=1", "expires=2"), 401);
  EXPECT_EQ(with(file, post("/file/create").id()), 401);
  EXPECT_EQ(with("signature=", "signature=0"), 401);
  EXPECT_EQ(client().send("GET", path, "", "").status, 401) << "it is for writing";
  EXPECT_EQ(download().status, 204) << "nothing of that was kept";

  EXPECT_EQ(client().send("PUT", path, "", "hello").status, 200);
  clock.advance(std::chrono::minutes{15});
  EXPECT_EQ(client().send("PUT", path, "", "hello").status, 401);
}

TEST_F(FilesTest, ADownloadLinkNeedsNoToken) {
  upload("text/plain", "hello");
  const Reply reply = get(base + "/download", "accept: application/json\r\n");
  const std::string path = path_of(reply.text("url"));
  EXPECT_EQ(client().send("GET", path, "", "").body, "hello");
  EXPECT_EQ(client().send("PUT", path + "&size=5&type=text%2Fplain", "", "hello").status, 401);
  EXPECT_EQ(client().send("GET", "/api/v1" + base + "/content", "", "").status, 401);
  post(base + "/delete");
  EXPECT_EQ(client().send("GET", path, "", "").status, 404) << "it does not outlive its file";
}

TEST_F(FilesTest, ALinkEndsWithItsAccount) {
  upload("text/plain", "hello");
  const Reply account = post("/account/create", {{"name", "other"}});
  const std::string other = account.text("token");
  const std::string theirs = post_as(other, "/file/create").id();
  const Reply promised = post_as(other, "/file/" + theirs + "/upload",
                                 {{"file", {{"size", 1}, {"type", "text/plain"}}}});
  const std::string path = path_of(std::string{promised.at("uploadRequest").at("url").as_string()});
  EXPECT_EQ(client().send("PUT", path, "", "x").status, 200);
  post("/account/" + account.id() + "/disable");
  EXPECT_EQ(client().send("PUT", path, "", "x").status, 403);
}

TEST_F(FilesTest, AFormsFileIsTaken) {
  const std::string form =
      "--bound\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nnot this\r\n"
      "--bound\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a;b.txt\"\r\n"
      "Content-Type: text/plain\r\n\r\nline one\r\n--boundary is longer\r\n\r\n"
      "--bound--\r\n";
  EXPECT_EQ(upload("multipart/form-data; boundary=bound", form).id(), file);
  EXPECT_EQ(download().body, "line one\r\n--boundary is longer\r\n");
  EXPECT_EQ(download().header("content-type"), "text/plain");

  EXPECT_EQ(upload("multipart/form-data", form).message(), "the form names no boundary");
  EXPECT_EQ(upload("multipart/form-data; boundary=other", form).message(), "the form has no part");
  EXPECT_EQ(upload("multipart/form-data; boundary=\"bound\"", "--bound--\r\n").message(),
            "the form has no part named file");
  EXPECT_EQ(
      upload("multipart/form-data; boundary=bound", form.substr(0, form.size() - 14)).message(),
      "the form is cut off");
}

TEST_F(FilesTest, ADataUrlIsItsOwnContent) {
  EXPECT_EQ(told("data:text/markdown;base64,IyBIZWxsbw==").id(), file);
  EXPECT_EQ(download().body, "# Hello");
  EXPECT_EQ(download().header("content-type"), "text/markdown");
  EXPECT_EQ(told("data:,a%20b").id(), file);
  EXPECT_EQ(download().body, "a b");
  EXPECT_EQ(told("data:text/plain;base64,***").status, 400);
  EXPECT_EQ(told("data:text/plain").status, 400);
}

TEST_F(FilesTest, AUrlIsFetched) {
  remote.answer = RemoteContent::Fetched{"from afar", "text/plain; charset=utf-8"};
  EXPECT_EQ(told("https://example.com/a.txt").id(), file);
  EXPECT_EQ(remote.asked_url, "https://example.com/a.txt");
  EXPECT_EQ(download().body, "from afar");
  EXPECT_EQ(download().header("content-type"), "text/plain; charset=utf-8");
  remote.answer = fail(ErrorCode::invalid, "file: the URL answered 404");
  EXPECT_EQ(told("https://example.com/a.txt").message(), "file: the URL answered 404");
  EXPECT_EQ(download().body, "from afar") << "a failed upload leaves what was there";
  EXPECT_EQ(told("ftp://example.com/a").message(), "file must be an http:, https: or data: URL");
}

TEST_F(FilesTest, AnAccountFetchesTwoContentsAtATime) {
  remote.answer = RemoteContent::Fetched{"from afar", "text/plain"};
  remote.is_held = true;
  const auto upload = [&] {
    return client()
        .send("POST", "/api/v1" + base + "/upload", auth() + "content-type: application/json\r\n",
              R"({"file":"https://example.com/a.txt"})")
        .status;
  };
  std::vector<std::future<int>> others;
  for (int i = 0; i < 2; ++i) others.push_back(std::async(std::launch::async, upload));
  while (remote.fetching < 2) std::this_thread::yield();
  const Reply refused = told("https://example.com/a.txt");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.message(), "Too many contents are being fetched from URLs");
  EXPECT_EQ(refused.text("hint"),
            "try again when one of them is there, or send the bytes themselves");
  EXPECT_EQ(told("data:,abc").status, 200);
  remote.is_held = false;
  for (auto& other : others) EXPECT_EQ(other.get(), 200);
  EXPECT_EQ(upload(), 200);
}

TEST_F(FilesTest, AWrongUploadIsRefused) {
  EXPECT_EQ(told(7).message(), "file must be a URL, or an object with size and type");
  EXPECT_EQ(post(base + "/upload").status, 400);
  EXPECT_EQ(post_text(base + "/upload", "", "").status, 400);
  EXPECT_EQ(told(json::object{}).message(), "file.size is required");
  EXPECT_EQ(told(json::object{{"size", -1}, {"name", 7}}).message(),
            "file.size must be an integer from 0 to 9223372036854775807; "
            "file.name must be a string");
  EXPECT_EQ(post("/file/nothing/upload", {{"file", "data:,a"}}).message(), "File not found");
}

TEST_F(FilesTest, AnEmptyContentIsOne) {
  EXPECT_EQ(upload("text/plain", "").status, 200);
  EXPECT_EQ(download().status, 200);
  EXPECT_EQ(download().body, "");
  EXPECT_EQ(get(base + "/fetch").at("size"), 0);
}

TEST_F(FilesTest, AForeignFileIsRefused) {
  upload("text/plain", "hello");
  const std::string other = other_account();
  EXPECT_EQ(get_as(other, base + "/download").status, 403);
  EXPECT_EQ(post_as(other, base + "/upload", {{"file", "data:,x"}}).status, 403);
  EXPECT_EQ(post_as(other, base + "/sync").status, 403);
  EXPECT_EQ(post_as(other, base + "/delete").status, 403);
}

TEST_F(FilesTest, ItsContentGoesWithIt) {
  upload("text/plain", "hello");
  EXPECT_EQ(post(base + "/sync").id(), file) << "even if it is attached nowhere";
  EXPECT_EQ(post(base + "/delete").id(), file);
  EXPECT_EQ(download().status, 404);
  EXPECT_EQ(post(base + "/sync").status, 404);
}

class SmallFilesTest : public FilesTest {
 protected:
  SmallFilesTest() : FilesTest({.file_limit = 10}) {}
};

TEST_F(SmallFilesTest, AContentIsAtMostAsLargeAsTheSettingSays) {
  EXPECT_EQ(upload("text/plain", "1234567890").status, 200);
  EXPECT_EQ(upload("text/plain", "12345678901").status, 413);
  EXPECT_EQ(told(json::object{{"size", 11}, {"type", "text/plain"}}).status, 413);
  EXPECT_EQ(told("data:,12345678901").status, 413);
  remote.answer = RemoteContent::Fetched{"12345678901", "text/plain"};
  EXPECT_EQ(told("https://example.com/").status, 413);
  EXPECT_EQ(download().body, "1234567890");
}

class ProxiedFilesTest : public FilesTest {
 protected:
  ProxiedFilesTest() : FilesTest({.address = {.forwarded = ForwardedHeaders::trusted}}) {}
};

constexpr std::string_view asked =
    "accept: application/json\r\nx-forwarded-proto: https\r\n"
    "x-forwarded-host: bell.example.com, inner\r\n";

TEST_F(ProxiedFilesTest, ATrustedProxySaysWhereTheServerIs) {
  upload("text/plain", "hello");
  EXPECT_TRUE(get(base + "/download", asked)
                  .text("url")
                  .starts_with("https://bell.example.com/api/v1/file/"));
}

TEST_F(FilesTest, NobodyElseDoes) {
  upload("text/plain", "hello");
  EXPECT_TRUE(get(base + "/download", asked).text("url").starts_with("http://test/api/v1/file/"));
}

class PublicFilesTest : public FilesTest {
 protected:
  PublicFilesTest() : FilesTest({.address = {.public_url = "https://bell.example.com:8443"}}) {}
};

TEST_F(PublicFilesTest, AConfiguredUrlWins) {
  upload("text/plain", "hello");
  EXPECT_TRUE(get(base + "/download", asked)
                  .text("url")
                  .starts_with("https://bell.example.com:8443/api/v1/file/"));
}

}  // namespace
}  // namespace bellpull
