// The rules of LDBC Graphalytics for comparing results.

#include "engine/validate.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "partition/error.hpp"
#include "partition/io/atomic_file.hpp"
#include "partition/io/line_reader.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace gasket;
namespace fs = std::filesystem;

namespace {

class Files {
 public:
  ValidationResult compare(const std::string& expected, const std::string& actual, Rule rule,
                           double epsilon = 1e-4) const {
    put("expected", expected);
    put("actual", actual);
    return validate_results(path("expected"), path("actual"), rule, epsilon);
  }
  bool valid(const std::string& expected, const std::string& actual, Rule rule) const {
    return compare(expected, actual, rule).valid();
  }
  std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  void put(const std::string& name, const std::string& text) const {
    AtomicFile file(path(name));
    file.write(text);
    file.commit();
  }

 private:
  ScratchFolder scratch_;
};

// Where the graphs with reference answers are; empty when they are not.
fs::path data_folder() {
  const char* const given = std::getenv("GASKET_DATA");
  const char* const source = std::getenv("GASKET_SOURCE");
  const fs::path folder =
      given != nullptr ? fs::path(given) : fs::path(source != nullptr ? source : ".") / ".." / "shared" / "data";
  return fs::is_directory(folder) ? folder : fs::path();
}

}  // namespace

TEST_CASE("exact: the same integers for the same vertices, in any order") {
  const Files files;
  CHECK(files.valid("1 0\n2 9223372036854775807\n3 -4\n", "3 -4\n1 0\n2 9223372036854775807\n", Rule::exact));
  CHECK(files.valid("18446744073709551615 18446744073709551615\n", "18446744073709551615 18446744073709551615\n",
                    Rule::exact));
  CHECK(files.valid("1 007\n", "1 7", Rule::exact));
  const ValidationResult result = files.compare("1 0\n2 5\n3 1\n", "3 1\n2 6\n1 0\n", Rule::exact);
  CHECK_FALSE(result.valid());
  CHECK(result.compared == 3);
  CHECK(result.differing == 1);
  REQUIRE(result.first.size() == 1);
  CHECK(result.first[0].id == 2);
  CHECK(result.first[0].expected == "5");
  CHECK(result.first[0].actual == "6");
}

TEST_CASE("the sets of vertices must be the same") {
  const Files files;
  const Rule rule = GENERATE(Rule::exact, Rule::epsilon, Rule::equivalence);
  const ValidationResult result = files.compare("1 1\n2 1\n4 1\n5 1\n", "0 1\n2 1\n4 1\n9 1\n", rule);
  CHECK(result.compared == 2);
  REQUIRE(result.first.size() >= 4);
  CHECK(result.first[0].id == 0);
  CHECK(result.first[0].expected == "nothing");
  CHECK(result.first[1].id == 1);
  CHECK(result.first[1].actual == "nothing");
  CHECK_FALSE(files.valid("1 1\n", "1 1\n2 1\n", rule));
  CHECK_FALSE(files.valid("1 1\n2 1\n", "1 1\n", rule));
}

TEST_CASE("epsilon: relative to the expected value") {
  const Files files;
  const auto valid = [&](const std::string& expected, const std::string& actual) {
    return files.valid("7 " + expected + "\n", "7 " + actual + "\n", Rule::epsilon);
  };
  CHECK(valid("1.0", "1.0"));
  CHECK(valid("1e4", "10001"));
  CHECK_FALSE(valid("1e4", "10001.01"));
  CHECK(valid("-1e4", "-9999"));
  CHECK_FALSE(valid("-1e4", "-9998.9"));
  CHECK_FALSE(valid("1", "-1"));
  CHECK(valid("0", "0.0"));
  CHECK(valid("0", "-0"));
  CHECK_FALSE(valid("0", "1e-300"));
  CHECK_FALSE(valid("1e-300", "0"));
  for (const std::string infinity : {"Infinity", "infinity", "inf", "INF"}) {
    CHECK(valid("Infinity", infinity));
    CHECK(valid(infinity, "inf"));
    CHECK_FALSE(valid(infinity, "1e308"));
    CHECK_FALSE(valid("1e308", infinity));
    CHECK_FALSE(valid(infinity, "-" + infinity));
  }
  CHECK_FALSE(valid("1", "nan"));
  CHECK_FALSE(valid("nan", "nan"));
  CHECK_FALSE(valid("1.7e308", "-1.7e308"));
  CHECK(files.compare("1 100\n", "1 109\n", Rule::epsilon, 0.1).valid());
  CHECK_FALSE(files.compare("1 100\n", "1 100.000001\n", Rule::epsilon, 0).valid());
}

TEST_CASE("equivalence: the same classes under any names") {
  const Files files;
  CHECK(files.valid("1 1\n2 1\n3 3\n4 3\n", "4 18446744073709551615\n3 18446744073709551615\n2 7\n1 7\n",
                    Rule::equivalence));
  CHECK(files.valid("1 5\n2 6\n", "1 6\n2 5\n", Rule::equivalence));
  CHECK_FALSE(files.valid("1 1\n2 1\n", "1 1\n2 2\n", Rule::equivalence));  // one class is two
  CHECK_FALSE(files.valid("1 1\n2 2\n", "1 1\n2 1\n", Rule::equivalence));  // two classes are one
  const ValidationResult result = files.compare("1 8\n2 8\n3 9\n4 9\n", "1 5\n2 5\n3 5\n4 6\n", Rule::equivalence);
  REQUIRE(result.first.size() == 2);
  CHECK(result.first[0].id == 3);
  CHECK(result.first[0].expected == "the class of vertex 3");
  CHECK(result.first[0].actual == "the class of vertex 1");
  CHECK(result.first[1].id == 4);
}

TEST_CASE("only the first differences are kept, all are counted") {
  const Files files;
  std::string expected, actual;
  for (int v = 0; v < 1000; ++v) {
    expected += std::to_string(v) + " 1\n";
    actual += std::to_string(v) + " 2\n";
  }
  const ValidationResult result = files.compare(expected, actual, Rule::exact);
  CHECK(result.compared == 1000);
  CHECK(result.differing == 1000);
  CHECK(result.first.size() == 10);
}

TEST_CASE("line ends, blanks, comments and compression do not matter") {
  const Files files;
  files.put("plain", "1 0.5\n2 0.25\n3 inf\n");
  files.put("windows", "# id value\r\n  1\t0.5\r\n\r\n2,0.25  \r\n3 , inf");
  files.put("packed.gz", "3 inf\n2 0.25\n1 0.5\n");
  files.put("packed.zst", "2 0.25\n3 inf\n1 0.5\n");
  for (const std::string other : {"windows", "packed.gz", "packed.zst"}) {
    CHECK(validate_results(files.path("plain"), files.path(other), Rule::epsilon).valid());
    CHECK(validate_results(files.path(other), files.path("plain"), Rule::epsilon).compared == 3);
  }
}

TEST_CASE("what is no result is refused with file and line") {
  const Files files;
  const auto refused = [&](const std::string& text, Rule rule, const std::string& message) {
    INFO(text);
    CHECK_THROWS_AS(files.compare("1 1\n", text, rule), InputError);
    CHECK_THROWS_WITH(files.compare("1 1\n", text, rule), Catch::Contains(files.path("actual") + message));
    CHECK_THROWS_AS(files.compare(text, "1 1\n", rule), InputError);
  };
  refused("", Rule::exact, ": holds no results");
  refused("# nothing\n", Rule::exact, ": holds no results");
  refused("1\n", Rule::exact, ":1: expected a vertex id and an integer, found '1'");
  refused("1 1\n\n2 1.0\n", Rule::exact, ":3: expected a vertex id and an integer, found '2 1.0'");
  refused("1 1\n2 x\n", Rule::epsilon, ":2: expected a vertex id and a number, found '2 x'");
  refused("1 1 1\n", Rule::epsilon, ":1: ");
  refused("-1 1\n", Rule::epsilon, ":1: ");
  refused("18446744073709551616 1\n", Rule::epsilon, ":1: ");
  refused("1 18446744073709551616\n", Rule::exact, ":1: ");
  refused("5 1\n6 1\n7 1\n5 1\n", Rule::exact, ":4: vertex 5 is named again, after line 1");
  refused("1 -1\n2 18446744073709551615\n", Rule::exact, ": has values less than 0");
  refused(std::string(100, '\0'), Rule::exact, ":1: ");
  refused(std::string(3 << 20, 'x'), Rule::exact, ":1: expected a line of at most 1048576 bytes");
  CHECK_THROWS_AS(files.compare("1 -1\n", "1 18446744073709551615\n", Rule::exact), InputError);
  CHECK_THROWS_WITH(validate_results(files.path("none"), files.path("actual"), Rule::exact),
                    Catch::Contains("none: no such file"));
  CHECK_THROWS_AS(validate_results(fs::temp_directory_path().string(), files.path("actual"), Rule::exact), InputError);
  std::ofstream(files.path("cut"), std::ios::binary).write("\x1f\x8b\x08\0\0\0\0\0\0\3\x4b", 11);
  CHECK_THROWS_WITH(validate_results(files.path("cut"), files.path("actual"), Rule::exact),
                    Catch::Contains("truncated"));
}

TEST_CASE("vertices may be called by strings") {
  const Files files;
  const auto compare = [&](const std::string& expected, const std::string& actual, Rule rule) {
    files.put("expected", expected);
    files.put("actual", actual);
    return validate_results(files.path("expected"), files.path("actual"), rule, 1e-4, IdKind::string);
  };
  // The value is the last word; what is before it is the id, with blanks and commas in it.
  CHECK(compare("ann 1\nbob 2\n7 3\n#x 4\n", "  #x\t4 \r\nbob,2\n\n7 , 3\nann 1", Rule::exact).compared == 4);
  CHECK(compare("Oslo, NO 1\nSan Jose 2\n", "San Jose 2\nOslo, NO 1\n", Rule::exact).valid());
  CHECK(compare("a 0.5\nb inf\n", "b inf\na 0.50001\n", Rule::epsilon).valid());
  CHECK(compare("a 1\nb 1\nc 2\n", "c 9\na 8\nb 8\n", Rule::equivalence).valid());
  // In the order of their bytes, whatever the order of the lines.
  const ValidationResult result = compare("z 1\nb 2\na 3\nonly 4\n", "a 3\nz 2\nb 1\nother 4\n", Rule::exact);
  CHECK(result.compared == 3);
  CHECK(result.differing == 4);
  REQUIRE(result.first.size() == 4);
  CHECK(result.first[0].name == "b");
  CHECK(result.first[0].expected == "2");
  CHECK(result.first[0].actual == "1");
  CHECK(result.first[1].name == "only");
  CHECK(result.first[1].actual == "nothing");
  CHECK(result.first[2].name == "other");
  CHECK(result.first[3].name == "z");
  const ValidationResult classes = compare("a 8\nb 8\nc 9\nd 9\n", "a 5\nb 5\nc 5\nd 6\n", Rule::equivalence);
  REQUIRE(classes.first.size() == 2);
  CHECK(classes.first[0].name == "c");
  CHECK(classes.first[0].expected == "the class of vertex c");
  CHECK(classes.first[0].actual == "the class of vertex a");
  const auto refused = [&](const std::string& text, const std::string& message) {
    CHECK_THROWS_WITH(compare("a 1\n", text, Rule::exact), Catch::Contains(files.path("actual") + message));
  };
  refused("a\n", ":1: expected a vertex id and an integer, found 'a'");
  refused("7\n", ":1: expected a vertex id and an integer, found '7'");
  refused("a 1\nb x\n", ":2: expected a vertex id and an integer, found 'b x'");
  refused("a 1\nb c 1\na 2\n", ":3: vertex a is named again, after line 1");
  refused("\n", ": holds no results");
}

TEST_CASE("lines are split the same wherever the buffer ends") {
  const Files files;
  for (const std::size_t length : {1u, 3u, 7u, 1000u, 99991u, 1u << 20}) {
    std::string text;
    while (text.size() < (std::size_t{5} << 20))
      text += std::string(length, static_cast<char>('a' + text.size() % 26)) + (text.size() % 2 == 0 ? "\n" : "\r\n");
    const bool ended = length % 2 == 0;
    if (!ended) text.resize(text.find_last_not_of("\r\n") + 1);
    files.put("lines", text);
    LineReader reader(files.path("lines"), "lines");
    std::string_view line;
    std::size_t at = 0;
    bool good = true;
    while (reader.next(line)) {
      good = good && line.size() == length && text.compare(at, length, line) == 0;
      at += length;
      at += at < text.size() && text[at] == '\r' ? 2 : 1;
    }
    CHECK(good);
    CHECK(at >= text.size());
  }
}

TEST_CASE("the outputs of LDBC's examples are valid against themselves and nothing else") {
  const fs::path data = data_folder();
  if (data.empty()) {
    WARN("skipped: no reference data; set GASKET_DATA to its folder");
    return;
  }
  const fs::path example = data / "ldbc" / "example";
  for (const std::string kind : {"directed", "undirected"}) {
    for (const auto& [name, rule] : std::vector<std::pair<std::string, Rule>>{{"BFS", Rule::exact},
                                                                              {"CDLP", Rule::exact},
                                                                              {"WCC", Rule::equivalence},
                                                                              {"PR", Rule::epsilon},
                                                                              {"LCC", Rule::epsilon},
                                                                              {"SSSP", Rule::epsilon}}) {
      const fs::path path = example / ("example-" + kind + "-" + name);
      INFO(path);
      const ValidationResult result = validate_results(path.string(), path.string(), rule);
      CHECK(result.valid());
      CHECK(result.compared >= 9);
    }
  }
  const auto cross = [&](const std::string& a, const std::string& b, Rule rule) {
    return validate_results((example / a).string(), (example / b).string(), rule).valid();
  };
  CHECK_FALSE(cross("example-directed-BFS", "example-directed-CDLP", Rule::exact));
  CHECK_FALSE(cross("example-directed-PR", "example-directed-LCC", Rule::epsilon));
  CHECK_FALSE(cross("example-directed-WCC", "example-directed-CDLP", Rule::equivalence));
}
