// The look-up of copies against the lists themselves, while it searches them and after it has made an index.

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "engine/copy_lookup.hpp"

using namespace gasket;

namespace {

// A plan in which every peer has copies of about one master in `share`, in groups of about equal length.
GhostPlan random_plan(std::size_t peers, LocalId masters, std::uint64_t share, std::mt19937_64& random) {
  GhostPlan plan;
  for (std::size_t i = 0; i < peers; ++i) {
    std::vector<LocalId> groups[3];
    for (LocalId v = 0; v < masters; ++v)
      if (random() % share == 0) groups[random() % 3].push_back(v);
    GhostPlan::Peer peer;
    for (const auto& group : groups) peer.masters.insert(peer.masters.end(), group.begin(), group.end());
    peer.copies = {0, groups[0].size(), groups[0].size() + groups[1].size(), peer.masters.size()};
    plan.peers.push_back(std::move(peer));
  }
  return plan;
}

std::vector<std::uint32_t> positions_in(const GhostPlan::Peer& peer, Flow flow, const std::vector<LocalId>& masters) {
  std::vector<std::uint32_t> positions;
  const GhostPlan::Range read = peer.copies.read(flow);
  for (std::size_t p = read.begin; p < read.end; ++p)
    if (std::ranges::find(masters, peer.masters[p]) != masters.end())
      positions.push_back(static_cast<std::uint32_t>(p - read.begin));
  return positions;
}

}  // namespace

TEST_CASE("copies of a few masters are found, each once, at their positions, searched for or in the index") {
  std::mt19937_64 random(3);
  for (const std::size_t peers : {std::size_t{1}, std::size_t{3}})
    for (const LocalId masters : {LocalId{1}, LocalId{70}, LocalId{2000}})
      for (const std::uint64_t share : {1, 2, 40})
        for (const Flow flow : {Flow::forward, Flow::backward, Flow::both}) {
          CAPTURE(peers, masters, share, static_cast<int>(flow));
          const GhostPlan plan = random_plan(peers, masters, share, random);
          CopyLookup lookup(plan, masters, flow);
          std::size_t copies = 0;
          for (const GhostPlan::Peer& peer : plan.peers) copies += peer.copies.read(flow).size();
          CHECK(lookup.size() == copies);
          for (LocalId v = 0; v < masters; ++v) {
            bool somewhere = false;
            for (const GhostPlan::Peer& peer : plan.peers) somewhere |= !positions_in(peer, flow, {v}).empty();
            CHECK(lookup.has_copies(v) == somewhere);
          }
          // The index is there after a 64th of so many searches; none of a plan without copies.
          for (std::size_t searched = 0; searched <= copies + masters + 20; searched += 10) {
            std::vector<LocalId> asked(10);
            for (LocalId& v : asked) v = static_cast<LocalId>(random() % masters);
            const auto positions = lookup.positions_of(asked);
            REQUIRE(positions.size() == peers);
            for (std::size_t i = 0; i < peers; ++i) CHECK(positions[i] == positions_in(plan.peers[i], flow, asked));
            if (searched == 0) CHECK_FALSE(lookup.has_index());
          }
          if (share < 40 && copies > 0) CHECK(lookup.has_index());
        }
}

TEST_CASE("masters without copies are not searched for, and make no index") {
  GhostPlan plan;
  plan.peers.push_back({.rank = 1, .ghosts = {}, .copies = {0, 0, 1, 1}, .masters = {7}});
  CopyLookup lookup(plan, 100, Flow::forward);
  const std::vector<LocalId> alone(1000, 5);
  for (int i = 0; i < 10; ++i) CHECK(lookup.positions_of(alone)[0].empty());
  CHECK_FALSE(lookup.has_index());
}

TEST_CASE("without peers there are no copies to find") {
  const GhostPlan plan;
  CopyLookup lookup(plan, 5, Flow::forward);
  CHECK(lookup.size() == 0);
  CHECK_FALSE(lookup.has_copies(3));
  CHECK(lookup.positions_of(std::vector<LocalId>{3}).empty());
}
