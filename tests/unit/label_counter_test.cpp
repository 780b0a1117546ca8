// The most frequent label around a vertex against std::map, for rows of every length that is counted in a way of its
// own, with labels near the end of 32 and of 64 bits, alone and with segments that other ranks send.

#include <catch2/catch.hpp>
#include <limits>
#include <map>

#include "engine/label_counter.hpp"
#include "partition/hash.hpp"

using namespace gasket;

namespace {

// One row, of all vertices but the first.
Adjacency row_of(LocalId length) {
  BigArray<std::uint32_t> lengths(std::size_t{length} + 2);
  lengths[0] = length;
  Adjacency rows;
  rows.offsets = RowOffsets(std::move(lengths));
  rows.neighbours = BigArray<LocalId>(length);
  for (LocalId i = 0; i < length; ++i) rows.neighbours[i] = i + 1;
  return rows;
}

// About `different` labels, the last that there are in the type; those of odd vertices near its begin if `both_ends`.
template <class Label>
std::vector<Label> labels_at_the_end(LocalId length, std::uint32_t different, bool both_ends) {
  std::vector<Label> labels(std::size_t{length} + 1);
  for (std::size_t v = 0; v < labels.size(); ++v) {
    const auto back = static_cast<Label>(1 + spread(mix(v + different), different));
    labels[v] = both_ends && v % 2 == 1 ? back : static_cast<Label>(std::numeric_limits<Label>::max() - back);
  }
  return labels;
}

template <class Label>
Label expected_label(const std::map<Label, std::uint64_t>& counts) {
  std::uint64_t most = 0;
  Label label = 0;
  for (const auto& [candidate, count] : counts)
    if (count > most) {
      most = count;
      label = candidate;
    }
  return label;
}

template <class Label>
void check_row(LocalId length, std::uint32_t different, bool both_ends) {
  CAPTURE(sizeof(Label), length, different, both_ends);
  const Adjacency rows = row_of(length);
  const std::vector<Label> labels = labels_at_the_end<Label>(length, different, both_ends),
                           elsewhere = labels_at_the_end<Label>(length, 1 + different / 2, both_ends);
  std::map<Label, std::uint64_t> counts;
  for (LocalId v = 1; v <= length; ++v) ++counts[labels[v]];
  LabelCounter<Label> counter{LabelBlocks<Label>(std::numeric_limits<Label>::max())}, sender = counter;
  CHECK(counter.most_frequent({&rows, nullptr}, 0, labels.data(), labels[0]) == expected_label(counts));
  CHECK(LabelCounter<Label>::smallest(rows.row(0), labels.data()) == counts.begin()->first);

  // And two ghosts with the labels of other vertices, whose bytes may be read beyond their end.
  for (LocalId v = 1; v <= length; ++v) counts[elsewhere[v]] += 2;
  const auto sent = sender.to_bytes({&rows, nullptr}, 0, elsewhere.data());
  std::vector<std::byte> bytes(sent.begin(), sent.end());
  bytes.resize(sent.size() + LabelBlocks<Label>::kSlack);
  const auto segments = [&](const auto& visit) {
    for (int ghost = 0; ghost < 2; ++ghost) visit(std::span<const std::byte>(bytes).first(sent.size()));
  };
  CHECK(counter.most_frequent({&rows, nullptr}, 0, labels.data(), labels[0], segments) == expected_label(counts));
}

}  // namespace

TEST_CASE("labels at the end of their type are counted like others") {
  for (const LocalId length : {1u, 2u, 40u, 128u, 129u, 1000u, 40'000u, 70'000u})
    for (const std::uint32_t different : {1u, 2u, 30u, 2000u, 1'000'000u})
      for (const bool both_ends : {false, true}) {
        check_row<std::uint32_t>(length, different, both_ends);
        check_row<std::uint64_t>(length, different, both_ends);
      }
}
