#include "mail/mail_html.h"

#include <cmark.h>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace bellpull {

namespace {

struct Free {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
  void operator()(cmark_iter* iterator) const { cmark_iter_free(iterator); }
  void operator()(char* text) const { std::free(text); }  // NOLINT(*-no-malloc): cmark's
};

std::vector<cmark_node*> pictures_of(cmark_node* document) {
  std::vector<cmark_node*> pictures;
  const std::unique_ptr<cmark_iter, Free> walk(cmark_iter_new(document));
  for (cmark_event_type event = CMARK_EVENT_NONE;
       (event = cmark_iter_next(walk.get())) != CMARK_EVENT_DONE;) {
    cmark_node* node = cmark_iter_get_node(walk.get());
    if (event == CMARK_EVENT_ENTER && cmark_node_get_type(node) == CMARK_NODE_IMAGE) {
      pictures.push_back(node);
    }
  }
  return pictures;
}

bool is_within_link(cmark_node* node) {
  for (node = cmark_node_parent(node); node != nullptr; node = cmark_node_parent(node)) {
    if (cmark_node_get_type(node) == CMARK_NODE_LINK) return true;
  }
  return false;
}

// A link in a link is no HTML: there the picture's words stay alone.
void make_link_of(cmark_node* picture) {
  cmark_node* instead = cmark_node_new(is_within_link(picture) ? CMARK_NODE_EMPH : CMARK_NODE_LINK);
  if (instead == nullptr) throw std::bad_alloc();
  cmark_node_set_url(instead, cmark_node_get_url(picture));
  if (cmark_node_first_child(picture) == nullptr) {
    cmark_node* words = cmark_node_new(CMARK_NODE_TEXT);
    cmark_node_set_literal(words, cmark_node_get_url(picture));
    cmark_node_append_child(instead, words);
  }
  while (cmark_node* child = cmark_node_first_child(picture)) {
    cmark_node_append_child(instead, child);
  }
  cmark_node_replace(picture, instead);
  cmark_node_free(picture);
}

}  // namespace

std::string mail_html(std::string_view markdown) {
  constexpr int options = CMARK_OPT_SAFE | CMARK_OPT_VALIDATE_UTF8;
  const std::unique_ptr<cmark_node, Free> document(
      cmark_parse_document(markdown.data(), markdown.size(), options));
  if (!document) throw std::bad_alloc();
  for (cmark_node* picture : pictures_of(document.get())) make_link_of(picture);
  const std::unique_ptr<char, Free> body(cmark_render_html(document.get(), options));
  return "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n" +
         std::string(body.get()) + "</body></html>\n";
}

}  // namespace bellpull
