// SPDX-License-Identifier: Apache-2.0
// One user's registration codes. Made by OwnerView::codes(); valid while the store's connection is. Changes need an
// open transaction, and are no events. Errors as in storage/store.hpp. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/owner.hpp"
#include "storage/registration_code.hpp"

namespace factord::storage {

struct Session;

class CodeView {
 public:
  std::vector<RegistrationCode> all();
  std::optional<RegistrationCode> find(const std::string& id);
  // Is it the code that was added with this secret? Takes as long for any secret of that length.
  bool opens(const RegistrationCode& code, core::ByteView secret);

  void add(RegistrationCode code, core::ByteView secret);  // throws std::logic_error for a user without a record
  void keep(const RegistrationCode& code);
  void forget(const std::string& id);

 private:
  friend class OwnerView;
  CodeView(Session& session, const core::Owner& owner);
  Session& session_;
  std::optional<std::int64_t> owner_row_;
};

}  // namespace factord::storage
