// The third column of text edge lists: when it is read, and which weights are bad.

#include <catch2/catch.hpp>
#include <string>

#include "tests/support/text_sources.hpp"

using namespace gasket;
using namespace gasket::test;

TEST_CASE("weights are read when they are asked for and the first edge has one") {
  const Folder folder;
  const std::string two = folder.write("two", "# 1 2 3\n\n1 2\n3 4 5\n");
  const std::string three = folder.write("three", "# c\n1 2 0.5\n3,4,1e2,9\n");
  CHECK_FALSE(open_text({.path = two, .read_weights = true}, {})->weighted());
  CHECK_FALSE(open_text({.path = three}, {})->weighted());
  CHECK(open_text({.path = three, .read_weights = true}, {})->weighted());
  CHECK(error_of({.path = two, .read_weights = true}) ==
        two + ":4: expected two ids and no third column, which the first edge has not either, found '3 4 5'");
  CHECK(read_all({.path = two}) == Edges{{1, 2, 0}, {3, 4, 0}});
  CHECK(read_all({.path = three}) == Edges{{1, 2, 0}, {3, 4, 0}});
  CHECK(read_all({.path = three, .read_weights = true}) == Edges{{1, 2, 0.5}, {3, 4, 100}});
  const std::string missing = folder.write("missing", "1 2 3\n\n4 5\n");
  CHECK(error_of({.path = missing, .read_weights = true}) ==
        missing + ":3: expected a weight in the third column, found '4 5'");
  const std::string words = folder.write("words", "1 2 abc\n");
  CHECK(error_of({.path = words, .read_weights = true}) ==
        words + ":1: expected a weight that is a finite number, found 'abc'");
  CHECK(error_of({.path = words}) == "no error");
}

TEST_CASE("a decimal comma is no end of a weight") {
  const Folder folder;
  const auto found = [&](const std::string& text, bool names = false) {
    const std::string path = folder.write("decimal.csv", text);
    return error_of({.path = path, .read_weights = true, .names = names}).substr(path.size());
  };
  const std::string message = "expected a weight with a decimal point, found '2,75'";
  CHECK(found("0;1;1.5\n1;2;2,75\n") == ":2: " + message);
  CHECK(found("0 1 1\n1 2 2,75\n") == ":2: " + message);
  CHECK(found("ann;bob;1\nbob;cy;2,75\n", true) == ":2: " + message);
  const std::string more = folder.write("more.csv", "0,1,1,5\n1, 2, 2.5,6\n2 3 1,\n3 4 2,x\n");
  CHECK(read_all({.path = more, .read_weights = true}) == Edges{{0, 1, 1}, {1, 2, 2.5}, {2, 3, 1}, {3, 4, 2}});
}

TEST_CASE("negative weights are bad lines when they are not wanted") {
  const Folder folder;
  const std::string edges = "# c\n1 2 0.5\n\n2 3 -0\n3 4 -0.25\r\n4 5 -1\n";
  const std::string found = ": expected a weight of 0 or more, found -0.25";
  for (const std::string& path : {folder.write("plain", edges), folder.write("gz", gzip(edges))})
    for (const std::size_t block : {1u, 16u, 1u << 20}) {
      const TextOptions options{.path = path, .read_weights = true, .refuse_negative = true, .block_bytes = block};
      CHECK(error_of(options) == path + ":5" + found);
      CHECK(read_all({.path = path, .read_weights = true, .block_bytes = block}).size() == 4);
    }
  const auto refused = [&](const std::string& name, const std::string& text, bool names = false) {
    const std::string path = folder.write(name, text);
    return error_of({.path = path, .read_weights = true, .refuse_negative = true, .names = names}).substr(path.size());
  };
  CHECK(refused("a.csv", "from,to,weight\n1,2,1\n2,3,-0.25\n") == ":3" + found);
  CHECK(refused("names", "% c\nann bob 1\nbob cy -0.25\n", true) == ":3" + found);
  const std::string long_comment = "# " + std::string(3'000'000, 'x') + "\n";  // longer than a line of numbers may be
  CHECK(refused("long", "ann bob 1\n" + long_comment + "bob cy 2\ncy dan -0.25\n", true) == ":4" + found);
  CHECK(refused("a.gr", "p sp 2 2\na 1 2 1\nc -1\na 2 1 -0.25\n") == ":4" + found);
  CHECK(refused("a.mtx", "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 2 -0.25\n") == ":3" + found);
  const auto but_loops = [&](const std::string& path, bool names = false) {
    return error_of(
        {.path = path, .read_weights = true, .refuse_negative = true, .but_self_loops = true, .names = names});
  };
  const std::string loops = folder.write("loops", "1 1 -1\n1 2 1\n2 2 -3\n2 3 -0.25\n");
  CHECK(but_loops(loops) == loops + ":4" + found);
  const std::string only_loops = folder.write("only_loops", "a a -1\na b 1\n");
  CHECK(but_loops(only_loops, true) == "no error");
}
