// SPDX-License-Identifier: Apache-2.0
// Whether what the daemon keeps, and what it announces, is what the model says. The answers name the first difference;
// "" where there is none.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/model/machine.hpp"
#include "tests/unit/model/world.hpp"

namespace factord::tests::model {

std::string difference_of(Room& room, const World& world);

// Of a commit; the journal had `before` events.
std::string difference_of(const World& world, std::uint64_t before, const std::vector<storage::Event>& said);

// Reads the journal from its beginning. What holds of any journal, whatever the model thinks: sequences without gaps,
// and of each factor no time step but after the one before. Throws Departure.
void expect_whole_journal(Room& room, const World& world);

}  // namespace factord::tests::model
