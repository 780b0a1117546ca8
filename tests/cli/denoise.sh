#!/usr/bin/env bash
# gasket denoise: both methods make a noisy picture better, on both engines; colour by colour the picture has the same bytes on
# 1 to 4 ranks; PNG and PGM in and out; what is wrong is refused with a sentence.
source "$(dirname "${BASH_SOURCE[0]}")/common.bash"
run() { on "$1" denoise "${@:2}" --progress never; }  # ranks, arguments
psnr() {  # before or after, in the file out
  sed -n "s/^$1 .*PSNR \([0-9.]*\) dB.*/\1/p" out
}

for method in bp gibbs; do
  for engine in chromatic 'locking --threads 2' 'locking --scheduler sweep'; do
    # shellcheck disable=SC2086
    run 1 --image shapes:64 --add-noise 30 --noisy-output noisy.pgm --method $method --engine $engine --sweeps 40 \
      --output a.png >out 2>err || fail "$method $engine: $(cat err)"
    awk -v before="$(psnr before)" -v after="$(psnr after)" 'BEGIN {exit !(before > 10 && after > before + 6)}' &&
      ok "$method $engine: $(psnr before) dB, then $(psnr after)" ||
      fail "$method $engine: not better: $(cat out)"
  done
  rm -f first.pgm
  while read -r ranks placement threads; do
    run "$ranks" --image noisy.pgm --noise 30 --method $method --sweeps 20 --threads "$threads" --placement "$placement" \
      --output again.pgm >out 2>err </dev/null || fail "$method on $ranks ranks: $(cat err)"
    [[ -e first.pgm ]] || cp again.pgm first.pgm
    cmp -s first.pgm again.pgm && ok "$method: the same picture on $ranks ranks, $placement" ||
      fail "$method: another picture on $ranks ranks, $placement"
  done <<<$'1 contiguous 1\n1 contiguous 2\n2 contiguous 1\n3 dbh 1\n4 contiguous 1'
done
run 2 --image a.png --threads 1 --labels 2 --pair potts --estimate mode --compare noisy.pgm --output two.pgm \
  --report two.json >out 2>err || fail "two labels: $(cat err)"
[[ $(tail -c 4096 two.pgm | od -An -v -tu1 -w1 | sort -un | tr -d ' ' | tr '\n' ' ') == '0 255 ' ]] || fail 'two labels: other greys'
grep -q '"psnr"' two.json || fail 'no error in the record'
printf 'P2 1 1 255 77\n' >dot.pgm
run 1 --image dot.pgm --output dot.png >out 2>err || fail "one pixel: $(cat err)"

refuses() {  # exit code, words, arguments
  local code=$1 words=$2 ranks got
  shift 2
  for ranks in 1 2; do
    rm -rf out.d && mkdir out.d
    run $ranks "$@" >out 2>err
    got=$?
    [[ $got == "$code" ]] && grep -qF -- "$words" err && [[ $(grep -c '^gasket: ' err) == 1 && -z $(ls -A out.d) ]] &&
      ok "$(grep '^gasket: ' err)" || fail "$*: exit $got, $(cat err)"
  done
}
printf 'P2 2 2 255\n1 2\n3 x\n' >bad.pgm
head -c 300 a.png >cut.png
refuses 2 '--image FILE is missing' --output out.d/a.png
refuses 3 'bad.pgm:3: a pixel should be' --image bad.pgm --output out.d/a.png
refuses 3 'cut.png: the PNG picture is damaged' --image cut.png --output out.d/a.png
refuses 3 'none.png: No such file' --image none.png --output out.d/a.png
refuses 3 'has 1 x 1 pixels, but' --image a.png --compare dot.pgm --output out.d/a.png
refuses 2 'must end in .png or .pgm' --image a.png --output out.d/a.jpg
refuses 2 'is the file that --image reads' --image a.png --output a.png
refuses 2 'is the file that --image reads' --image a.png --report a.png --output out.d/a.png
refuses 2 'neighbours that do not run at once' --image a.png --engine async --output out.d/a.png
refuses 2 'it sweeps over the colours' --image a.png --scheduler priority --output out.d/a.png
refuses 2 'a whole number from 2 to 32' --image a.png --labels 1 --output out.d/a.png
refuses 2 'is for --method bp' --image a.png --method gibbs --damping 0.5 --output out.d/a.png
refuses 2 'shapes:SIZE needs a size' --image shapes:0 --output out.d/a.png
finish
