// Histograms of labels against std::map: the table, and the bytes in which they travel.

#include <catch2/catch.hpp>
#include <map>

#include "engine/label_histogram.hpp"
#include "partition/hash.hpp"

using namespace gasket;

namespace {

template <class Label>
using Counts = std::map<Label, Label>;

// `total` labels, of which there are about `different`, the small ones more often; some near the type's end.
template <class Label>
std::vector<Label> some_labels(std::size_t total, std::uint32_t different, std::uint64_t seed) {
  std::vector<Label> labels;
  for (std::size_t i = 0; i < total; ++i) {
    const std::uint64_t random = mix(seed + i);
    const auto label = static_cast<Label>(spread(random, 1 + spread(mix(random), different)));
    labels.push_back(i % 7 == 0 ? static_cast<Label>(~label) : label);
  }
  return labels;
}

template <class Label>
void check_table() {
  LabelHistogram<Label> histogram;
  for (const std::size_t expected : {0, 100, 1000000})
    for (const std::uint32_t different : {1u, 3u, 100u, 50000u}) {
      const std::vector<Label> labels = some_labels<Label>(30000, different, different + expected);
      Counts<Label> counts;
      histogram.clear(expected);
      CHECK(histogram.empty());
      CHECK(histogram.best().count == 0);
      for (const Label label : labels) {
        const auto times = static_cast<Label>(1 + label % 3);
        counts[label] += times;
        histogram.add(label, times);
      }
      Label best = 0, most = 0;
      for (const auto& [label, count] : counts)
        if (count > most) {
          most = count;
          best = label;
        }
      CHECK(histogram.best().label == best);
      CHECK(histogram.best().count == most);
      CHECK_FALSE(histogram.empty());
    }
}

template <class Label>
void check_blocks(std::uint64_t end) {
  const LabelBlocks<Label> blocks(end);
  std::vector<std::byte> bytes;
  Counts<Label> counts;
  const std::uint64_t largest = end - 1;
  for (const std::size_t size : {0, 1, 2, 63, 64, 1000}) {
    std::vector<Label> labels, times;
    for (std::size_t i = 0; i < size; ++i) {
      labels.push_back(static_cast<Label>(i % 5 == 0 ? largest - i % (largest + 1) : mix(i + size) % end));
      times.push_back(static_cast<Label>(size % 2 == 0 || i % 3 == 0 ? 1 : i == 2 ? ~Label{0} : mix(i) % 300 + 1));
      counts[labels.back()] += times.back();
    }
    const std::size_t start = bytes.size();
    bytes.resize(start + blocks.max_bytes(size));
    const std::byte* const written = blocks.write(labels, times, bytes.data() + start);
    REQUIRE(written <= bytes.data() + bytes.size() - blocks.kSlack);
    bytes.resize(static_cast<std::size_t>(written - bytes.data()));
  }
  bytes.resize(bytes.size() + blocks.kSlack);
  const auto content = std::span(bytes).first(bytes.size() - blocks.kSlack);
  Counts<Label> read;
  blocks.read(content, [&](Label label, Label count) { read[label] += count; });
  CHECK(read == counts);
  CHECK_THROWS_AS(blocks.read(content.first(content.size() - 1), [](Label, Label) {}), Error);
}

}  // namespace

TEST_CASE("the table counts like a map") {
  check_table<std::uint32_t>();
  check_table<std::uint64_t>();
}

TEST_CASE("labels and counts survive their bytes, at every width") {
  for (const std::uint64_t end : {1ul, 200ul, 256ul, 257ul, 70000ul, 1ul << 20, 1ul << 32}) {
    check_blocks<std::uint32_t>(end);
    check_blocks<std::uint64_t>(end);
  }
  check_blocks<std::uint64_t>((std::uint64_t{1} << 56) + 1);
  check_blocks<std::uint64_t>(~std::uint64_t{0});
}
