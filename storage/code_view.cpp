// SPDX-License-Identifier: Apache-2.0
#include "storage/code_view.hpp"

#include <stdexcept>

#include "storage/session.hpp"

namespace factord::storage {

CodeView::CodeView(Session& session, const core::Owner& owner) : session_(session) {
  if (const auto found = session.owners.find(owner.organization().id(), owner.user_id())) owner_row_ = found->row;
}

std::vector<RegistrationCode> CodeView::all() {
  return owner_row_ ? session_.codes.all(*owner_row_) : std::vector<RegistrationCode>();
}

std::optional<RegistrationCode> CodeView::find(const std::string& id) {
  return owner_row_ ? session_.codes.find(*owner_row_, id) : std::nullopt;
}

bool CodeView::opens(const RegistrationCode& code, core::ByteView secret) {
  return core::equal_in_constant_time(code.hash, session_.codes.hash(code.id, secret));
}

void CodeView::add(RegistrationCode code, core::ByteView secret) {
  session_.require_transaction();
  if (!owner_row_) throw std::logic_error("a code for nobody");
  code.hash = session_.codes.hash(code.id, secret);
  session_.codes.insert(*owner_row_, code);
}

void CodeView::keep(const RegistrationCode& code) {
  session_.require_transaction();
  if (owner_row_) session_.codes.save(*owner_row_, code);
}

void CodeView::forget(const std::string& id) {
  session_.require_transaction();
  if (owner_row_) session_.codes.erase(*owner_row_, id);
}

}  // namespace factord::storage
