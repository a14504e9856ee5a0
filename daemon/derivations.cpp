// SPDX-License-Identifier: Apache-2.0
#include "daemon/derivations.hpp"

#include <algorithm>

#include "core/failure.hpp"

namespace factord::daemon {

Derivations::Place::Place(Derivations& derivations, uid_t uid) : derivations_(derivations), uid_(uid) {
  ++derivations_.of_uid_[uid_];
  ++derivations_.all_;
}

Derivations::Place::~Place() {
  --derivations_.all_;
  const auto found = derivations_.of_uid_.find(uid_);
  if (--found->second == 0) derivations_.of_uid_.erase(found);
}

std::shared_ptr<const Derivations::Place> Derivations::admit(uid_t uid) {
  if (all_ >= of_all) throw core::failure::limit_reached("Derivations", of_all);
  const auto has = of_uid_.find(uid);
  const std::uint32_t share = uid == 0 ? of_all : std::min(of_uid, (of_all - all_ + 1) / 2);
  if (has != of_uid_.end() && has->second >= share) throw core::failure::limit_reached("DerivationsPerUid", of_uid);
  return std::make_shared<const Place>(*this, uid);
}

}  // namespace factord::daemon
