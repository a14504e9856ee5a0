// SPDX-License-Identifier: Apache-2.0
// Lists of factors, as JSON or as a table, for the nouns that have one. Stateless.
#pragma once

#include <string>

#include "tools/factorctl/session.hpp"

namespace factord::factorctl {

// Calls a List method of org.factord1.Factors and prints what it answers.
void list_factors(Session& session, const char* method, const std::string& user, const ipc::Dict& options);

enum class Names { whole, cut };

// For people: name, kind, state, dates, the model of the authenticator where metadata knows it and there is room, id.
// Fits into `width` columns where names and dates can be shortened to do so.
std::string factor_table(const ipc::Dicts& factors, std::size_t width, Names names);

}  // namespace factord::factorctl
