// Generated graphs: the shapes are those asked for, and no division into ranks and threads changes an edge.

#include "partition/io/generate.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "partition/error.hpp"
#include "partition/permutation.hpp"
#include "partition/random.hpp"
#include "tests/support/threads.hpp"

using namespace gasket;

namespace {

using WeightedEdge = std::tuple<std::uint64_t, std::uint64_t, double>;

// All edges, sorted.
std::vector<WeightedEdge> edges_of(const GeneratorSpec& spec) {
  std::vector<WeightedEdge> edges;
  std::mutex guard;
  open_generator(spec, {})->read_edges([&](EdgeChunk&& chunk) {
    const std::lock_guard lock(guard);
    chunk.for_each([&](std::uint64_t u, std::uint64_t v, std::size_t i) {
      edges.emplace_back(u, v, chunk.weighted() ? chunk.weights[i] : 0);
    });
  });
  std::ranges::sort(edges);
  return edges;
}

std::vector<WeightedEdge> edges_of(std::string_view text) { return edges_of(parse_generator(text)); }

std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs_of(std::string_view text) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs;
  for (const auto& [u, v, w] : edges_of(text)) pairs.emplace_back(u, v);
  return pairs;
}

using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

// The number of edges and a sum over them that no order changes.
std::pair<std::uint64_t, std::uint64_t> fingerprint(const GeneratorSpec& spec, int ranks) {
  std::atomic<std::uint64_t> count = 0, sum = 0;
  for (int rank = 0; rank < ranks; ++rank)
    open_generator(spec, {rank, ranks})->read_edges([&](EdgeChunk&& chunk) {
      std::uint64_t part = 0;
      chunk.for_each([&](std::uint64_t u, std::uint64_t v, std::size_t i) {
        const double weight = chunk.weighted() ? chunk.weights[i] : 0;
        part += mix(mix(mix(u) + v) + static_cast<std::uint64_t>(weight));
      });
      count += chunk.size();
      sum += part;
    });
  return {count, sum};
}

}  // namespace

TEST_CASE("a generated graph does not depend on ranks and threads") {
  const std::string text = GENERATE(
      as<std::string>(), "rmat:scale=15,edge-factor=20", "rmat:scale=9,weights=true,permute=false",
      "uniform:vertices=1000,edges=600000,weights=true", "powerlaw:vertices=100000",
      "powerlaw:vertices=50000,alpha=1.5,in-degrees=true,weights=true", "grid:rows=300,cols=701", "grid:rows=1,cols=7",
      "path:vertices=300000", "star:vertices=5,weights=true", "complete:vertices=800", "complete:vertices=1");
  const GeneratorSpec spec = parse_generator(text);
  const auto expected = fingerprint(spec, 1);
  for (const int threads : {1, 2, 3}) {
    const test::Threads scope(threads);
    for (int ranks = 1; ranks <= 5; ++ranks) {
      INFO(text << " on " << ranks << " ranks, " << threads << " threads");
      CHECK(fingerprint(spec, ranks) == expected);
    }
  }
}

TEST_CASE("the regular shapes are exact") {
  CHECK(pairs_of("path:vertices=4") == Pairs{{0, 1}, {1, 2}, {2, 3}});
  CHECK(pairs_of("path:vertices=1").empty());
  CHECK(pairs_of("star:vertices=4") == Pairs{{0, 1}, {0, 2}, {0, 3}});
  CHECK(pairs_of("star:vertices=1").empty());
  CHECK(pairs_of("complete:vertices=4") == Pairs{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}});
  CHECK(pairs_of("grid:rows=2,cols=3") == Pairs{{0, 1}, {0, 3}, {1, 2}, {1, 4}, {2, 5}, {3, 4}, {4, 5}});
  CHECK(pairs_of("grid:rows=3,cols=1") == Pairs{{0, 1}, {1, 2}});
  CHECK(pairs_of("grid:rows=1,cols=3") == Pairs{{0, 1}, {1, 2}});
  CHECK(pairs_of("grid:rows=1,cols=1").empty());
}

TEST_CASE("grids and complete graphs agree with two plain loops") {
  for (std::uint64_t rows = 1; rows < 9; ++rows)
    for (std::uint64_t cols = 1; cols < 9; ++cols) {
      Pairs expected;
      for (std::uint64_t r = 0; r < rows; ++r)
        for (std::uint64_t c = 0; c < cols; ++c) {
          if (c + 1 < cols) expected.emplace_back(r * cols + c, r * cols + c + 1);
          if (r + 1 < rows) expected.emplace_back(r * cols + c, (r + 1) * cols + c);
        }
      std::ranges::sort(expected);
      CHECK(pairs_of("grid:rows=" + std::to_string(rows) + ",cols=" + std::to_string(cols)) == expected);
    }
  for (const std::uint64_t n : {2u, 3u, 50u, 777u}) {
    Pairs expected;
    for (std::uint64_t u = 0; u < n; ++u)
      for (std::uint64_t v = u + 1; v < n; ++v) expected.emplace_back(u, v);
    CHECK((pairs_of("complete:vertices=" + std::to_string(n)) == expected));
  }
}

TEST_CASE("generators say what they are") {
  const auto rmat = open_generator(parse_generator("rmat:scale=10"), {});
  CHECK(rmat->vertex_count() == 1024);
  CHECK(rmat->directed() == true);
  CHECK_FALSE(rmat->weighted());
  CHECK(rmat->describe() == "rmat:scale=10");
  const auto grid = open_generator(parse_generator("grid:rows=3,cols=4,weights=true"), {});
  CHECK(grid->vertex_count() == 12);
  CHECK(grid->directed() == false);
  CHECK(grid->weighted());
  CHECK_FALSE(grid->lists_vertices());
}

TEST_CASE("R-MAT has the skew of its quadrants") {
  const auto edges = edges_of("rmat:scale=14,edge-factor=16,permute=false");
  REQUIRE(edges.size() == std::size_t{16} << 14);
  // The first bit of source and target falls into the four quadrants as often as a, b, c, d say; so does the last.
  for (const int bit : {13, 1, 0}) {
    std::map<int, double> share;
    for (const auto& [u, v, w] : edges)
      share[static_cast<int>((u >> bit & 1) << 1 | (v >> bit & 1))] += 1.0 / static_cast<double>(edges.size());
    CHECK(share[0] == Approx(0.57).margin(0.005));
    CHECK(share[1] == Approx(0.19).margin(0.005));
    CHECK(share[2] == Approx(0.19).margin(0.005));
    CHECK(share[3] == Approx(0.05).margin(0.005));
  }
  // Two levels apart are independent.
  double both = 0;
  for (const auto& [u, v, w] : edges) both += (u >> 13 & 1) == 0 && (u >> 9 & 1) == 0 ? 1 : 0;
  CHECK(both / static_cast<double>(edges.size()) == Approx(0.76 * 0.76).margin(0.005));
}

TEST_CASE("R-MAT at every number of levels stays inside its vertices and follows its probabilities") {
  for (int scale = 1; scale <= 12; ++scale) {
    const auto edges = edges_of("rmat:edge-factor=400,permute=false,scale=" + std::to_string(scale));
    double first = 0;
    bool inside = true;
    for (const auto& [u, v, w] : edges) {
      inside = inside && u < (1u << scale) && v < (1u << scale);
      first += u == 0 && v == 0 ? 1 : 0;
    }
    CHECK(inside);
    const auto count = static_cast<double>(edges.size());
    const double expected = count * std::pow(0.57, scale);
    CHECK(std::abs(first - expected) < 5 * std::sqrt(expected) + 1);
  }
}

TEST_CASE("shuffling R-MAT renames vertices and does nothing else") {
  const auto degrees = [](const std::vector<WeightedEdge>& edges) {
    std::vector<int> degree(1 << 12);
    for (const auto& [u, v, w] : edges) ++degree[u];
    return degree;
  };
  const auto plain = degrees(edges_of("rmat:scale=12,permute=false"));
  const auto shuffled = degrees(edges_of("rmat:scale=12"));
  CHECK(plain != shuffled);
  CHECK(std::ranges::max_element(plain) == plain.begin());
  auto a = plain, b = shuffled;
  std::ranges::sort(a);
  std::ranges::sort(b);
  CHECK(a == b);
  CHECK(a.back() > 20 * 16);  // a hub
}

TEST_CASE("another seed gives another graph, the same seed the same") {
  for (const std::string kind : {"rmat:scale=8", "uniform:vertices=100,edges=500", "powerlaw:vertices=100"}) {
    CHECK((edges_of(kind + ",seed=5") == edges_of(kind + ",seed=5")));
    CHECK((edges_of(kind + ",seed=5") != edges_of(kind + ",seed=6")));
  }
}

TEST_CASE("uniform edges spread evenly and have two ends") {
  const auto edges = edges_of("uniform:vertices=16,edges=240000");
  CHECK(edges.size() == 240000);
  std::map<std::pair<std::uint64_t, std::uint64_t>, int> count;
  for (const auto& [u, v, w] : edges) ++count[{u, v}];
  CHECK(count.size() == 240);  // 16 * 15
  for (const auto& [pair, times] : count) CHECK((pair.first < 16 && pair.second < 16 && pair.first != pair.second));
  for (const auto& [pair, times] : count) CHECK((times > 800 && times < 1200));  // 1000 expected, deviation 32
}

TEST_CASE("power-law degrees follow their exponent, without self loops and repeats") {
  const bool in = GENERATE(false, true);
  GeneratorSpec spec = parse_generator("powerlaw:vertices=200000,alpha=2.1,max-degree=1000");
  spec.in_degrees = in;
  const auto edges = edges_of(spec);
  CHECK((std::ranges::adjacent_find(edges) == edges.end()));
  std::vector<std::uint64_t> degree(200000);
  bool loops = false;
  for (const auto& [u, v, w] : edges) {
    loops = loops || u == v;
    ++degree.at(in ? v : u);
  }
  CHECK_FALSE(loops);
  CHECK(std::ranges::min(degree) >= 1);
  std::vector<double> share(1001);
  for (const std::uint64_t d : degree) share.at(d) += 1.0 / 200000;
  double norm = 0;
  for (int k = 1; k <= 1000; ++k) norm += std::pow(k, -2.1);
  for (const int k : {1, 2, 3, 10, 30}) {
    const double expected = std::pow(k, -2.1) / norm;
    CHECK(std::abs(share[static_cast<std::size_t>(k)] - expected) < 5 * std::sqrt(expected / 200000));
  }
}

TEST_CASE("power laws at the ends of their range") {
  CHECK(edges_of("powerlaw:vertices=1").empty());
  CHECK(edges_of("powerlaw:vertices=2").size() == 2);
  CHECK(edges_of("powerlaw:vertices=500,max-degree=1").size() == 500);
  CHECK(edges_of("powerlaw:vertices=500,alpha=100").size() == 500);
  CHECK(edges_of("powerlaw:vertices=500,alpha=1").size() > 500 * 20);
}

TEST_CASE("weights are whole numbers from 1 to the largest, each about as often") {
  std::map<double, int> count;
  for (const auto& [u, v, w] : edges_of("grid:rows=200,cols=200,weights=true,max-weight=10")) ++count[w];
  CHECK(count.size() == 10);
  CHECK(count.begin()->first == 1);
  CHECK(count.rbegin()->first == 10);
  for (const auto& [w, times] : count) CHECK((times > 7500 && times < 8500));
}

TEST_CASE("a permutation takes every value once") {
  for (const std::uint64_t size : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 100u, 1023u, 1024u, 1025u, 65536u})
    for (const std::uint64_t seed : {1u, 2u}) {
      const Permutation permutation(size, RandomStream(seed));
      std::vector<bool> seen(size);
      for (std::uint64_t x = 0; x < size; ++x) {
        const std::uint64_t y = permutation(x);
        if (y >= size || seen[y]) FAIL("size " << size << ": " << x << " goes to " << y);
        seen[y] = true;
      }
    }
}

TEST_CASE("a permutation leaves no order behind") {
  const std::uint64_t size = std::uint64_t{1} << 16;
  const Permutation permutation(size, RandomStream(7));
  double ascending = 0, displacement = 0;
  for (std::uint64_t x = 0; x + 1 < size; ++x) {
    ascending += permutation(x) < permutation(x + 1) ? 1 : 0;
    displacement += std::abs(static_cast<double>(permutation(x)) - static_cast<double>(x));
  }
  CHECK(ascending / static_cast<double>(size) == Approx(0.5).margin(0.02));
  CHECK(displacement / static_cast<double>(size) == Approx(static_cast<double>(size) / 3).epsilon(0.03));
}

TEST_CASE("generator texts are read back as they were") {
  for (const std::string text :
       {"rmat:scale=20",
        "rmat:scale=20,edge-factor=8,a=0.25,b=0.25,c=0.25,permute=false,seed=9,weights=true,max-weight=7",
        "uniform:vertices=5,edges=0", "powerlaw:vertices=10,alpha=1.8,max-degree=4,in-degrees=true",
        "grid:rows=2,cols=3", "path:vertices=4", "star:vertices=4", "complete:vertices=4,weights=true"}) {
    CHECK(describe(parse_generator(text)) == text);
    CHECK(parse_generator(describe(parse_generator(text))) == parse_generator(text));
  }
}

TEST_CASE("bad generator parameters are refused with what is allowed") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"ring:vertices=3", "unknown generator 'ring'; allowed: rmat, uniform, powerlaw, grid, path, star, complete"},
      {"", "unknown generator ''"},
      {"rmat", "generator rmat: needs scale"},
      {"rmat:scale=0", "scale is '0'; allowed: a whole number from 1 to 40"},
      {"rmat:scale=41", "scale is '41'"},
      {"rmat:scale=-1", "scale is '-1'"},
      {"rmat:scale=4x", "scale is '4x'"},
      {"rmat:scale=", "scale is ''"},
      {"rmat:scale", "'scale' is not of the form NAME=VALUE"},
      {"rmat:scale=99999999999999999999999", "scale is '99999999999999999999999'"},
      {"rmat:scale=4,scale=5", "scale is given twice"},
      {"rmat:scale=4,rows=5",
       "there is no parameter 'rows'; allowed: scale, edge-factor, a, b, c, permute, seed, weights"},
      {"rmat:scale=4,edge-factor=0", "edge-factor is '0'"},
      {"rmat:scale=40,edge-factor=1000", "edges; allowed: at most 281474976710656"},
      {"rmat:scale=40,edge-factor=281474976710656", "more than 2^64 edges"},
      {"rmat:scale=4,a=0.9", "a + b + c is 1.28; allowed: at most 1"},
      {"rmat:scale=4,a=-0.1", "a is '-0.1'; allowed: a number from 0 to 1"},
      {"rmat:scale=4,a=nan", "a is 'nan'"},
      {"rmat:scale=4,permute=maybe", "permute is 'maybe'; allowed: true or false"},
      {"rmat:scale=4,max-weight=0", "max-weight is '0'"},
      {"uniform:vertices=5", "needs edges"},
      {"uniform:vertices=1,edges=1", "one vertex cannot have"},
      {"uniform:vertices=0,edges=1", "vertices is '0'; allowed: a whole number from 1 to 1099511627776"},
      {"powerlaw:vertices=10,alpha=0.5", "alpha is '0.5'"},
      {"powerlaw:vertices=10,alpha=inf", "alpha is 'inf'"},
      {"powerlaw:vertices=10,max-degree=10", "max-degree is '10'; allowed: less than vertices, which is 10"},
      {"powerlaw:vertices=1099511627776,alpha=1", "edges; allowed"},
      {"grid:rows=3", "needs cols"},
      {"grid:rows=1099511627776,cols=1099511627776", "rows * cols"},
      {"grid:rows=1048577,cols=1048576", "rows * cols"},
      {"complete:vertices=1099511627776", "edges; allowed"},
      {"path:vertices=1099511627777", "vertices is '1099511627777'"},
  };
  for (const auto& [text, message] : cases) {
    INFO(text);
    CHECK_THROWS_AS(parse_generator(text), UsageError);
    CHECK_THROWS_WITH(parse_generator(text), Catch::Contains(message));
  }
  GeneratorSpec spec;
  spec.scale = 99;
  CHECK_THROWS_AS(open_generator(spec, {}), UsageError);
  spec = {};
  spec.kind = GeneratorKind::grid;
  CHECK_THROWS_AS(validate(spec), UsageError);
}

TEST_CASE("the largest graphs are opened without making them") {
  CHECK(open_generator(parse_generator("rmat:scale=40,edge-factor=16"), {})->vertex_count() == std::uint64_t{1} << 40);
  CHECK(open_generator(parse_generator("path:vertices=1099511627776"), {})->vertex_count() == std::uint64_t{1} << 40);
  // Ids beyond 32 bits: the last of very many shares of a star.
  const auto source = open_generator(parse_generator("star:vertices=1099511627776"), {(1 << 30) - 1, 1 << 30});
  std::uint64_t last = 0;
  source->read_edges([&](EdgeChunk&& chunk) { chunk.for_each([&](auto, auto v, auto) { last = std::max(last, v); }); });
  CHECK(last == (std::uint64_t{1} << 40) - 1);
}
