// SPDX-License-Identifier: Apache-2.0
#include "ipc/explanation.hpp"

namespace factord::ipc {

Dict describe(const Explanation& explanation, const Question& question) {
  Dict told{{"allowed", explanation.allowed}};
  const auto tell = [&](const char* key, const std::string& text) {
    if (!text.empty()) told.emplace(key, text);
  };
  tell("method", question.method);
  tell("userId", question.user_id);
  tell("org", question.organization);
  tell("authorizer", explanation.authorizer);
  tell("permission", explanation.permission);
  tell("decidedBy", explanation.decided_by);
  tell("nearest", explanation.nearest);
  tell("action", explanation.action);
  tell("answer", explanation.answer);
  return told;
}

}  // namespace factord::ipc
