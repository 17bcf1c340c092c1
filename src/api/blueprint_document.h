// A blueprint's resources as one document, out and in (api-contract.md 2.8).
//
//   {"id", "name", "description", "resources": {"bot": [{"id", "name", ...}], ...}}
//
// Each resource has its id, which others in the document refer to it by, and the fields that a
// create takes, except its alias, its blueprint and anything secret. What an export gave, an
// import takes: every resource becomes a new one, references among them lead to the new ones, and
// others must name what the account may use.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/blueprint_members.h"
#include "api/call.h"
#include "api/change.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

boost::json::object document_of(const FieldTables& fields, const Blueprint& blueprint,
                                const Members& members);

// One resource of a document, read and checked against its field table.
template <class Resource>
struct DocumentItem {
  std::string place;  // "resources.bot[2]"
  std::string id;     // in the document; may be empty
  Change<Resource> change;
  std::string skillset;  // of an ability, as the document names it
};
template <class Resource>
using DocumentItems = std::vector<DocumentItem<Resource>>;
using Document = OfEachKind<DocumentItems>;

// Fails with `invalid`, telling every problem with its place: unknown categories and fields, values
// that break their field's rule, ids that are there twice, too much for one commit.
Result<Document> read_document(const FieldTables& fields, const boost::json::value& given);

// Keeps all of it, on behalf of `call`, as new resources of a blueprint; gives them by category,
// with their ids in the document. Fails with what is wrong with the references of the first kind
// that has any.
Result<boost::json::object> keep_document(Transaction& rows, const Call& call,
                                          const Document& document, const Blueprint& blueprint,
                                          Random& random, const Vault& vault, TimePoint now);

}  // namespace bellpull
